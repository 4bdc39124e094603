-- Room: protocols/ticketscloud.
--
-- Refunds of tickets and numbers of orders, as migrations/postgres/023_ticketscloud_refunds.sql describes them.

ALTER TABLE tc_orders ADD COLUMN shown_number INTEGER;
ALTER TABLE tc_orders ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND value);
ALTER TABLE tc_orders ADD COLUMN done_at INTEGER;
ALTER TABLE tc_orders ADD COLUMN done_by BLOB;
ALTER TABLE tc_orders ADD COLUMN vendor_data TEXT;
UPDATE tc_orders SET shown_number = number;
UPDATE tc_orders SET refunded = value WHERE status = 'refunded';
UPDATE tc_orders SET done_at = e.entered_at, done_by = e.task_guid FROM tc_entries e
WHERE e.object_id = tc_orders.object_id AND e.order_id = tc_orders.order_id AND e.kind = 'sale';
CREATE UNIQUE INDEX tc_orders_by_shown_number ON tc_orders (shown_number) WHERE shown_number >= 1000000000;

ALTER TABLE tc_lines ADD COLUMN refund INTEGER NOT NULL DEFAULT 0
    CHECK (refund BETWEEN 0 AND price - discount + extra);
ALTER TABLE tc_lines ADD COLUMN refunded_by BLOB;
UPDATE tc_lines SET refund = tc_lines.price - tc_lines.discount + tc_lines.extra, refunded_by = e.task_guid
FROM tc_entries e
WHERE e.object_id = tc_lines.object_id AND e.order_id = tc_lines.order_id AND e.kind = 'refund';

CREATE TABLE tc_refunds (
    object_id    INTEGER NOT NULL,
    refund_id    TEXT NOT NULL CHECK (length(refund_id) = 24 AND refund_id NOT GLOB '*[^0-9a-f]*'),
    order_id     TEXT NOT NULL,
    partner_id   TEXT NOT NULL,
    org          TEXT NOT NULL,
    culprit      TEXT NOT NULL CHECK (culprit IN ('user', 'org')),
    status       TEXT NOT NULL CHECK (status IN ('new', 'approved', 'rejected')),
    value        INTEGER NOT NULL CHECK (value >= 0),
    stay         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    requested_at INTEGER,
    finished_at  INTEGER,
    task_guid    BLOB NOT NULL,
    closed_by    BLOB,
    version      INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, refund_id),
    CONSTRAINT closed_by_a_task CHECK ((status = 'new') = (closed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX tc_refunds_by_id ON tc_refunds (refund_id);
CREATE UNIQUE INDEX tc_refunds_by_task ON tc_refunds (object_id, task_guid);
CREATE INDEX tc_refunds_by_order ON tc_refunds (object_id, order_id);
CREATE INDEX tc_refunds_by_partner ON tc_refunds (partner_id, created_at, refund_id);
CREATE INDEX tc_refunds_by_org ON tc_refunds (org, created_at, refund_id);

CREATE TABLE tc_refund_tickets (
    object_id INTEGER NOT NULL,
    refund_id TEXT NOT NULL,
    order_id  TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    live      INTEGER NOT NULL,
    PRIMARY KEY (object_id, refund_id, ticket_id)
) STRICT;
CREATE UNIQUE INDEX tc_refunded_once ON tc_refund_tickets (object_id, order_id, ticket_id) WHERE live;

ALTER TABLE tc_entries ADD COLUMN refund_id TEXT;
DROP INDEX tc_entries_by_order;
CREATE INDEX tc_entries_by_order ON tc_entries (object_id, order_id);
CREATE UNIQUE INDEX tc_entries_whole ON tc_entries (object_id, order_id, kind) WHERE refund_id IS NULL;
CREATE UNIQUE INDEX tc_entries_by_refund ON tc_entries (object_id, refund_id) WHERE refund_id IS NOT NULL;
