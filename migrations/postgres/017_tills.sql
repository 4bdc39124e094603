-- Room: protocols/whiteserver (tills, acceptance, waiters).
--
-- The till door: who speaks for a restaurant, what it is told, and orders that wait for its word.

-- A restaurant's own system. Its caller is an aggregator with a licence for this one object, and without mailboxes.
CREATE TABLE tills (
    object_id     bigint PRIMARY KEY REFERENCES objects ON DELETE CASCADE,
    aggregator_id bigint NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE,
    -- The number of its last event. Whoever adds events holds this row until the end of the transaction: so an event is
    -- there as soon as one with a greater number is.
    last_event    bigint NOT NULL DEFAULT 0 CHECK (last_event >= 0),
    -- Events up to this one were acknowledged, and are deleted.
    acknowledged  bigint NOT NULL DEFAULT 0,
    -- For how many days an event waits for its acknowledgement, from when it is added.
    keep_days     bigint NOT NULL DEFAULT 30 CHECK (keep_days BETWEEN 1 AND 3650),
    CONSTRAINT acknowledged_means_numbered CHECK (acknowledged BETWEEN 0 AND last_event)
);

-- What happened to the orders of a restaurant that has a till, until the till acknowledges it.
CREATE TABLE till_events (
    object_id    bigint NOT NULL,
    event_number bigint NOT NULL,
    order_guid   uuid NOT NULL,
    occurred_at  timestamptz NOT NULL,
    -- When it is deleted at the latest, acknowledged or not.
    forget_at    timestamptz NOT NULL,
    body         text NOT NULL,
    PRIMARY KEY (object_id, event_number)
);
CREATE INDEX till_events_to_forget ON till_events (forget_at);

-- For how many seconds an order of an aggregator waits for the till's acceptance; NULL: it needs none.
ALTER TABLE objects ADD COLUMN accept_within_s bigint CHECK (accept_within_s BETWEEN 1 AND 86400);

ALTER TABLE orders
    -- The waiter, as the catalogue numbers employees.
    ADD COLUMN waiter_id bigint,
    -- What the kitchen says.
    ADD COLUMN substate text,
    -- 'waiting': the order (Created) is not at the till yet, on the wire it is Confirmed. 'rejected': it (Canceled) never
    -- was, on the wire it is RestaurantCancelled.
    ADD COLUMN acceptance text CHECK (acceptance IN ('waiting', 'rejected')),
    ADD COLUMN accept_by timestamptz,
    ADD COLUMN reject_code text,
    ADD COLUMN reject_message text;
CREATE INDEX orders_to_accept ON orders (accept_by) WHERE acceptance = 'waiting';
