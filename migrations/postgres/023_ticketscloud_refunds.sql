-- Room: protocols/ticketscloud.
--
-- Tickets that are given back of orders that are done: who asked for it, what became of it, and the money of each.
-- Numbers of orders that no two orders of any events share.

ALTER TABLE tc_orders
    -- What callers see as its number; NULL: that of its event, as orders from before this column were told.
    ADD COLUMN shown_number bigint,
    -- How much of its value was given back.
    ADD COLUMN refunded     numeric(14, 2) NOT NULL DEFAULT 0,
    -- When it was paid, and by which task.
    ADD COLUMN done_at      timestamptz,
    ADD COLUMN done_by      uuid,
    -- JSON: what its seller keeps with it.
    ADD COLUMN vendor_data  text;
UPDATE tc_orders SET shown_number = number;
UPDATE tc_orders SET refunded = value WHERE status = 'refunded';
UPDATE tc_orders o SET done_at = e.entered_at, done_by = e.task_guid FROM tc_entries e
WHERE e.object_id = o.object_id AND e.order_id = o.order_id AND e.kind = 'sale';
ALTER TABLE tc_orders
    ADD CONSTRAINT refunded_within_value CHECK (refunded BETWEEN 0 AND value);
-- On Citus this becomes a plain index: the number follows from that of the event.
CREATE UNIQUE INDEX tc_orders_by_shown_number ON tc_orders (shown_number) WHERE shown_number >= 1000000000;

ALTER TABLE tc_lines
    -- How much was given back for the ticket, and by which task.
    ADD COLUMN refund      numeric(14, 2) NOT NULL DEFAULT 0,
    ADD COLUMN refunded_by uuid,
    ADD CONSTRAINT refund_within_cost CHECK (refund BETWEEN 0 AND price - discount + extra);
UPDATE tc_lines l SET refund = l.price - l.discount + l.extra, refunded_by = e.task_guid FROM tc_entries e
WHERE e.object_id = l.object_id AND e.order_id = l.order_id AND e.kind = 'refund';

CREATE TABLE tc_refunds (
    object_id    bigint NOT NULL,
    refund_id    text COLLATE "C" NOT NULL CHECK (refund_id ~ '^[0-9a-f]{24}$'),
    order_id     text COLLATE "C" NOT NULL,
    -- Who sold the order, and whose the event is.
    partner_id   text COLLATE "C" NOT NULL,
    org          text COLLATE "C" NOT NULL,
    culprit      text NOT NULL CHECK (culprit IN ('user', 'org')),
    status       text NOT NULL CHECK (status IN ('new', 'approved', 'rejected')),
    -- What is given back if it is approved.
    value        numeric(14, 2) NOT NULL CHECK (value >= 0),
    -- Ids between commas: the tickets that stay.
    stay         text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    requested_at timestamptz,
    finished_at  timestamptz,
    -- The task that made it, and the one that ended it.
    task_guid    uuid NOT NULL,
    closed_by    uuid,
    version      bigint NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, refund_id),
    CONSTRAINT closed_by_a_task CHECK ((status = 'new') = (closed_by IS NULL))
);
CREATE UNIQUE INDEX tc_refunds_by_id ON tc_refunds (refund_id);
CREATE UNIQUE INDEX tc_refunds_by_task ON tc_refunds (object_id, task_guid);
CREATE INDEX tc_refunds_by_order ON tc_refunds (object_id, order_id);
CREATE INDEX tc_refunds_by_partner ON tc_refunds (partner_id, created_at, refund_id);
CREATE INDEX tc_refunds_by_org ON tc_refunds (org, created_at, refund_id);

CREATE TABLE tc_refund_tickets (
    object_id bigint NOT NULL,
    refund_id text COLLATE "C" NOT NULL,
    order_id  text COLLATE "C" NOT NULL,
    ticket_id text COLLATE "C" NOT NULL,
    -- What is given back for it.
    amount    numeric(14, 2) NOT NULL CHECK (amount >= 0),
    -- Whether the request is open or was approved.
    live      boolean NOT NULL,
    PRIMARY KEY (object_id, refund_id, ticket_id)
);
-- A ticket of an order is given back once, whatever the program believes.
CREATE UNIQUE INDEX tc_refunded_once ON tc_refund_tickets (object_id, order_id, ticket_id) WHERE live;

-- An order is sold once; whole orders and single requests are given back once each.
ALTER TABLE tc_entries ADD COLUMN refund_id text COLLATE "C";
DROP INDEX tc_entries_by_order;
CREATE INDEX tc_entries_by_order ON tc_entries (object_id, order_id);
CREATE UNIQUE INDEX tc_entries_whole ON tc_entries (object_id, order_id, kind) WHERE refund_id IS NULL;
CREATE UNIQUE INDEX tc_entries_by_refund ON tc_entries (object_id, refund_id) WHERE refund_id IS NOT NULL;
