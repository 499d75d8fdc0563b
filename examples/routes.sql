-- The tables of examples/routes.yaml.
CREATE TABLE order_lines (
    order_id   bigint NOT NULL,
    position   integer NOT NULL,
    sku        text NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    ordered_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, position)
);
CREATE TABLE signups (
    user_id text PRIMARY KEY,
    email   varchar(64) NOT NULL,
    source  text NOT NULL
);
