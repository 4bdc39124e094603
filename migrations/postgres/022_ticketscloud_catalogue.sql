-- Room: protocols/ticketscloud.
--
-- What partners see of what they sell: when and where an event is, what its sets are, and where a ticket's seat is.

ALTER TABLE tc_events
    -- NULL: older than this column.
    ADD COLUMN created_at timestamptz,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN starts_at  timestamptz,
    ADD COLUMN ends_at    timestamptz,
    -- What lists are filtered by; they stand in the card as well.
    ADD COLUMN venue_id   text COLLATE "C",
    ADD COLUMN country    text,
    ADD COLUMN city       text,
    -- JSON: what is shown of it beside that.
    ADD COLUMN card       text,
    ADD CONSTRAINT event_ends_after_it_starts CHECK (starts_at < ends_at);
CREATE INDEX tc_events_by_org ON tc_events (org);
CREATE INDEX tc_deals_by_partner ON tc_deals (partner_id);

ALTER TABLE tc_sets
    -- Where it stands among the sets.
    ADD COLUMN pos    bigint NOT NULL DEFAULT 0,
    ADD COLUMN sector text COLLATE "C",
    -- JSON: its seats by rows; NULL: it has none.
    ADD COLUMN seats  text,
    -- How many tickets it has.
    ADD COLUMN amount bigint NOT NULL DEFAULT 0 CHECK (amount >= 0);
UPDATE tc_sets SET amount = (SELECT count(*) FROM tc_tickets t
                             WHERE t.object_id = tc_sets.object_id AND t.set_id = tc_sets.set_id);

-- JSON: row, number and sector of the seat. A line keeps it as it was reserved.
ALTER TABLE tc_tickets ADD COLUMN place text;
ALTER TABLE tc_lines ADD COLUMN place text;
