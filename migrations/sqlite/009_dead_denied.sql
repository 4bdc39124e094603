-- Room: engine/store.
--
-- Denied dead letters, as migrations/postgres/009_dead_denied.sql describes them.
ALTER TABLE dead_letters ADD COLUMN denied TEXT;
UPDATE dead_letters SET denied = 'it has expired'
WHERE door = 'upstream' AND reason LIKE 'the broker gave it up in %: expired';
