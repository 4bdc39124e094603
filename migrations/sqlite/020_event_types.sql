-- Room: engine/store.
--
-- Types of events, as migrations/postgres/020_event_types.sql describes them.

ALTER TABLE mailboxes ADD COLUMN status_events INTEGER NOT NULL DEFAULT 0;

ALTER TABLE events ADD COLUMN event_type TEXT NOT NULL DEFAULT 'OrderChanged'
    CHECK (event_type IN ('OrderChanged', 'OrderStatusChanged'));
