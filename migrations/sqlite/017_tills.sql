-- Room: protocols/whiteserver (tills, acceptance, waiters).
--
-- The till door, as migrations/postgres/017_tills.sql describes it.

CREATE TABLE tills (
    object_id     INTEGER PRIMARY KEY REFERENCES objects ON DELETE CASCADE,
    aggregator_id INTEGER NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE,
    last_event    INTEGER NOT NULL DEFAULT 0 CHECK (last_event >= 0),
    acknowledged  INTEGER NOT NULL DEFAULT 0,
    keep_days     INTEGER NOT NULL DEFAULT 30 CHECK (keep_days BETWEEN 1 AND 3650),
    CONSTRAINT acknowledged_means_numbered CHECK (acknowledged BETWEEN 0 AND last_event)
) STRICT;

CREATE TABLE till_events (
    object_id    INTEGER NOT NULL,
    event_number INTEGER NOT NULL,
    order_guid   BLOB NOT NULL,
    occurred_at  INTEGER NOT NULL,
    forget_at    INTEGER NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (object_id, event_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX till_events_to_forget ON till_events (forget_at);

ALTER TABLE objects ADD COLUMN accept_within_s INTEGER CHECK (accept_within_s BETWEEN 1 AND 86400);

ALTER TABLE orders ADD COLUMN waiter_id INTEGER;
ALTER TABLE orders ADD COLUMN substate TEXT;
ALTER TABLE orders ADD COLUMN acceptance TEXT CHECK (acceptance IN ('waiting', 'rejected'));
ALTER TABLE orders ADD COLUMN accept_by INTEGER;
ALTER TABLE orders ADD COLUMN reject_code TEXT;
ALTER TABLE orders ADD COLUMN reject_message TEXT;
CREATE INDEX orders_to_accept ON orders (accept_by) WHERE acceptance = 'waiting';
