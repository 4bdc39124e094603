-- Room: protocols/billmanager.
--
-- BILLmanager: refunds, as migrations/postgres/026_billmanager_refunds.sql describes them.

ALTER TABLE bm_pricelists ADD COLUMN refund TEXT NOT NULL DEFAULT 'none' CHECK (refund IN ('none', 'months', 'days'));
ALTER TABLE bm_items ADD COLUMN refund TEXT NOT NULL DEFAULT 'none' CHECK (refund IN ('none', 'months', 'days'));
ALTER TABLE bm_periods ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount);

-- SQLite changes no constraint of a table: the rows move into a new one.
CREATE TABLE bm_new_entries (
    object_id  INTEGER NOT NULL,
    task_guid  BLOB NOT NULL,
    line       INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('deposit', 'payment', 'order', 'renewal', 'refund')),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    order_id   INTEGER,
    payment_id INTEGER,
    note       TEXT,
    entered_at INTEGER NOT NULL,
    item_id    INTEGER,
    starts_at  INTEGER,
    PRIMARY KEY (object_id, task_guid, line),
    CONSTRAINT of_what CHECK (
        (kind = 'deposit') = (note IS NOT NULL) AND (kind = 'deposit') = (order_id IS NULL)
        AND (kind <> 'payment' OR payment_id IS NOT NULL)
    ),
    CONSTRAINT of_which_period CHECK (
        (kind IN ('renewal', 'refund')) = (item_id IS NOT NULL) AND (kind = 'renewal') = (starts_at IS NOT NULL)
    )
) STRICT;
INSERT INTO bm_new_entries (object_id, task_guid, line, kind, amount, order_id, payment_id, note, entered_at, item_id,
                            starts_at)
    SELECT object_id, task_guid, line, kind, amount, order_id, payment_id, note, entered_at, item_id, starts_at
    FROM bm_entries;
DROP TABLE bm_entries;
ALTER TABLE bm_new_entries RENAME TO bm_entries;
CREATE UNIQUE INDEX bm_one_charge ON bm_entries (object_id, order_id) WHERE kind = 'order';
CREATE UNIQUE INDEX bm_one_credit ON bm_entries (object_id, payment_id) WHERE kind = 'payment';
CREATE UNIQUE INDEX bm_one_renewal ON bm_entries (object_id, item_id, starts_at) WHERE kind = 'renewal';
CREATE UNIQUE INDEX bm_one_refund ON bm_entries (object_id, item_id) WHERE kind = 'refund';
