-- Room: protocols/billmanager.
--
-- BILLmanager: renewals, as migrations/postgres/025_billmanager_renewals.sql describes them.

ALTER TABLE bm_items ADD COLUMN renewals TEXT NOT NULL DEFAULT '{}';

CREATE TABLE bm_periods (
    object_id INTEGER NOT NULL,
    item_id   INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER,
    period    INTEGER NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    task_guid BLOB NOT NULL,
    begun_at  INTEGER NOT NULL,
    PRIMARY KEY (object_id, item_id, starts_at),
    CONSTRAINT ends_after_it_starts CHECK (ends_at > starts_at)
) STRICT;
CREATE UNIQUE INDEX bm_periods_by_task ON bm_periods (object_id, task_guid);

-- SQLite changes no constraint of a table: the rows move into new ones.
CREATE TABLE bm_new_entries (
    object_id  INTEGER NOT NULL,
    task_guid  BLOB NOT NULL,
    line       INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('deposit', 'payment', 'order', 'renewal')),
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
        (kind = 'renewal') = (item_id IS NOT NULL) AND (item_id IS NULL) = (starts_at IS NULL)
    )
) STRICT;
INSERT INTO bm_new_entries (object_id, task_guid, line, kind, amount, order_id, payment_id, note, entered_at)
    SELECT object_id, task_guid, line, kind, amount, order_id, payment_id, note, entered_at FROM bm_entries;
DROP TABLE bm_entries;
ALTER TABLE bm_new_entries RENAME TO bm_entries;
CREATE UNIQUE INDEX bm_one_charge ON bm_entries (object_id, order_id) WHERE kind = 'order';
CREATE UNIQUE INDEX bm_one_credit ON bm_entries (object_id, payment_id) WHERE kind = 'payment';
CREATE UNIQUE INDEX bm_one_renewal ON bm_entries (object_id, item_id, starts_at) WHERE kind = 'renewal';

CREATE TABLE bm_new_orders (
    object_id  INTEGER NOT NULL,
    order_id   INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('new', 'paid', 'expired')),
    total      INTEGER NOT NULL CHECK (total >= 0),
    currency   TEXT NOT NULL,
    task_guid  BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    paid_at    INTEGER,
    paid_by    BLOB,
    PRIMARY KEY (object_id, order_id),
    CONSTRAINT paid_means_by_whom CHECK (
        (status = 'paid') = (paid_by IS NOT NULL) AND (paid_by IS NULL) = (paid_at IS NULL)
    )
) STRICT;
INSERT INTO bm_new_orders (object_id, order_id, status, total, currency, task_guid, created_at, paid_at, paid_by)
    SELECT object_id, order_id, status, total, currency, task_guid, created_at, paid_at, paid_by FROM bm_orders;
DROP TABLE bm_orders;
ALTER TABLE bm_new_orders RENAME TO bm_orders;
CREATE UNIQUE INDEX bm_orders_by_task ON bm_orders (object_id, task_guid);
CREATE INDEX bm_orders_unpaid ON bm_orders (created_at) WHERE status = 'new';
