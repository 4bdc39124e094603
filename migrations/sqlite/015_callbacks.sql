-- Room: engine/store.
--
-- Signatures and orders of callbacks, as migrations/postgres/015_callbacks.sql describes them.

ALTER TABLE mailboxes ADD COLUMN signature TEXT NOT NULL DEFAULT 'base64'
    CHECK (signature IN ('base64', 'hex'));
UPDATE mailboxes SET signature = 'hex' WHERE kind = 'callback';

ALTER TABLE events ADD COLUMN version INTEGER;

ALTER TABLE deliveries ADD COLUMN order_guid BLOB;
UPDATE deliveries SET order_guid = e.order_guid FROM events e, mailboxes m
WHERE m.mailbox_id = deliveries.mailbox_id AND m.kind = 'callback' AND deliveries.is_event
  AND e.object_id = deliveries.object_id AND e.event_guid = deliveries.subject;
CREATE INDEX deliveries_by_order ON deliveries (mailbox_id, order_guid, delivery_id)
    WHERE order_guid IS NOT NULL;
