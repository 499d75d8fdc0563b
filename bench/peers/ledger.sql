-- The messages that have become rows, for the consumers that keep redelivered ones out.
CREATE TABLE written_messages (
    id         uuid PRIMARY KEY,
    written_at timestamptz NOT NULL DEFAULT now()
);
