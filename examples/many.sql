-- The tables of examples/many/.
CREATE TABLE visits (
    visitor varchar(64) NOT NULL,
    page    text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE TABLE purchases (
    visitor varchar(64) NOT NULL,
    amount  numeric(10, 2) NOT NULL
);
