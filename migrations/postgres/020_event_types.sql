-- Room: engine/store.
--
-- Which events a subscription takes: `events` says whether changes of orders, as before, and this whether changes of
-- where an order stands. What was there before an upgrade takes what it took.
ALTER TABLE mailboxes ADD COLUMN status_events boolean NOT NULL DEFAULT false;

-- What an event tells. What an older program writes is a change of an order.
ALTER TABLE events ADD COLUMN event_type text NOT NULL DEFAULT 'OrderChanged'
    CHECK (event_type IN ('OrderChanged', 'OrderStatusChanged'));
