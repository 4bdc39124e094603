-- Room: engine/store.
--
-- Denials, as migrations/postgres/011_denials.sql describes them. SQLite has one writer at a time, so nobody has to
-- wait for a turn.
CREATE TABLE denials (
    aggregator_id INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    code          TEXT NOT NULL,
    description   TEXT NOT NULL,
    denied_at     INTEGER NOT NULL,
    PRIMARY KEY (aggregator_id, task_guid)
) STRICT, WITHOUT ROWID;
CREATE INDEX denials_by_age ON denials (denied_at);
CREATE INDEX dead_letters_denied ON dead_letters (message_id) WHERE denied IS NOT NULL;
