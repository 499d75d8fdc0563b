-- The table of examples/documents.yaml.
CREATE SCHEMA shop;
CREATE TABLE shop.orders (
    order_id    uuid PRIMARY KEY,
    customer    varchar(64) NOT NULL,
    city        text,
    currency    char(3) NOT NULL,
    total       numeric(12, 2) NOT NULL CHECK (total >= 0),
    first_sku   text,
    tags        text[],
    lines       jsonb NOT NULL,
    placed_at   timestamptz NOT NULL,
    due         date,
    message_id  uuid NOT NULL,
    sent_at     timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
