-- The table of examples/upsert.yaml.
CREATE TABLE device_state (
    device  text PRIMARY KEY,
    version bigint NOT NULL,
    state   text NOT NULL,
    seen    timestamptz NOT NULL DEFAULT now()
);
