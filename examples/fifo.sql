-- The table of examples/fifo.yaml.
CREATE TABLE bookings (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account  text NOT NULL,
    amount   numeric(12, 2) NOT NULL,
    sent_at  timestamptz NOT NULL
);
