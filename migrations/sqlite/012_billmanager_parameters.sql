-- Room: protocols/billmanager.
--
-- BILLmanager: parameters of orders, as migrations/postgres/012_billmanager_parameters.sql describes them.
ALTER TABLE bm_pricelists ADD COLUMN parameters TEXT NOT NULL DEFAULT '[]';

-- SQLite changes no constraint of a table: the rows move into a new one.
CREATE TABLE bm_new_prices (
    pricelist_id INTEGER NOT NULL REFERENCES bm_pricelists,
    period       INTEGER NOT NULL CHECK (period IN (-100, -50) OR period BETWEEN 0 AND 36),
    price        INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (pricelist_id, period)
) STRICT;
INSERT INTO bm_new_prices (pricelist_id, period, price)
    SELECT pricelist_id, period, price FROM bm_prices;
DROP TABLE bm_prices;
ALTER TABLE bm_new_prices RENAME TO bm_prices;

ALTER TABLE bm_items ADD COLUMN order_count INTEGER NOT NULL DEFAULT 1 CHECK (order_count BETWEEN 1 AND 100);
ALTER TABLE bm_items ADD COLUMN autoprolong_period INTEGER;
ALTER TABLE bm_items ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';
