-- The tables of examples/sns.yaml.
CREATE TABLE orders (
    order_id     bigint NOT NULL,
    customer     varchar(64) NOT NULL,
    topic        text NOT NULL,
    subject      text,
    published_at timestamptz NOT NULL,
    sns_id       uuid PRIMARY KEY
);
CREATE TABLE refunds (
    order_id     bigint NOT NULL,
    amount       numeric(10, 2) NOT NULL,
    published_at timestamptz NOT NULL
);
