-- Room: engine/store; protocols/whiteserver (times).
--
-- Where the clocks of a restaurant are, by the IANA name of the zone: its local times are in it.
ALTER TABLE objects ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
