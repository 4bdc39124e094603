-- Room: protocols/ticketscloud.
--
-- What partners see of what they sell, as migrations/postgres/022_ticketscloud_catalogue.sql describes it.

ALTER TABLE tc_events ADD COLUMN created_at INTEGER;
ALTER TABLE tc_events ADD COLUMN updated_at INTEGER;
ALTER TABLE tc_events ADD COLUMN starts_at INTEGER;
ALTER TABLE tc_events ADD COLUMN ends_at INTEGER CHECK (starts_at < ends_at);
ALTER TABLE tc_events ADD COLUMN venue_id TEXT;
ALTER TABLE tc_events ADD COLUMN country TEXT;
ALTER TABLE tc_events ADD COLUMN city TEXT;
ALTER TABLE tc_events ADD COLUMN card TEXT;
CREATE INDEX tc_events_by_org ON tc_events (org);
CREATE INDEX tc_deals_by_partner ON tc_deals (partner_id);

ALTER TABLE tc_sets ADD COLUMN pos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tc_sets ADD COLUMN sector TEXT;
ALTER TABLE tc_sets ADD COLUMN seats TEXT;
ALTER TABLE tc_sets ADD COLUMN amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0);
UPDATE tc_sets SET amount = (SELECT count(*) FROM tc_tickets t
                             WHERE t.object_id = tc_sets.object_id AND t.set_id = tc_sets.set_id);

ALTER TABLE tc_tickets ADD COLUMN place TEXT;
ALTER TABLE tc_lines ADD COLUMN place TEXT;
