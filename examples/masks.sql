-- The table of examples/masks.yaml.
CREATE TABLE contacts (
    contact_id bigint PRIMARY KEY,
    email_key  varchar(64) NOT NULL,
    email      text NOT NULL,
    ip_key     varchar(64),
    network    cidr,
    peer       inet,
    card       varchar(16),
    note       varchar(16),
    phone      text DEFAULT 'unknown',
    created_at timestamptz NOT NULL
);
