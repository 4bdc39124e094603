-- Room: engine/store.
--
-- How a callback is signed, and the order of what it is told of an order.

-- How the header `Signature` is written. The callbacks that are there go on as their receivers know them.
ALTER TABLE mailboxes ADD COLUMN signature text NOT NULL DEFAULT 'base64'
    CHECK (signature IN ('base64', 'hex'));
UPDATE mailboxes SET signature = 'hex' WHERE kind = 'callback';

-- Counts the changes of an order: of two events the later one has the higher number. NULL: of an older version.
ALTER TABLE events ADD COLUMN version bigint;

-- In a callback: the order that an event is of. The earliest delivery of an order is posted, the others wait for it.
ALTER TABLE deliveries ADD COLUMN order_guid uuid;
UPDATE deliveries d SET order_guid = e.order_guid FROM events e, mailboxes m
WHERE m.mailbox_id = d.mailbox_id AND m.kind = 'callback' AND d.is_event
  AND e.object_id = d.object_id AND e.event_guid = d.subject;
CREATE INDEX deliveries_by_order ON deliveries (mailbox_id, order_guid, delivery_id)
    WHERE order_guid IS NOT NULL;
