-- Which token stands for which old hash. Drop it when the rebuild is done: with it, old hashes that can be guessed give
-- away the tokens too.
CREATE TABLE mask_bridge (
    column_name text NOT NULL,
    old         text NOT NULL,
    token       text NOT NULL,
    PRIMARY KEY (column_name, old)
);
