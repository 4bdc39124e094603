-- Room: engine/store; protocols/whiteserver (times).
--
-- Time zones of objects, as migrations/postgres/014_object_time_zone.sql describes them.
ALTER TABLE objects ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
