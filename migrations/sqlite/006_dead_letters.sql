-- Room: engine/store.
--
-- Dead letters, as migrations/postgres/006_dead_letters.sql describes them.
CREATE TABLE dead_letters (
    letter_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    door        TEXT NOT NULL CHECK (door IN ('work', 'upstream')),
    reason      TEXT NOT NULL,
    object_id   INTEGER,
    task_guid   BLOB,
    task_type   TEXT,
    message_id  TEXT,
    publisher   TEXT,
    aggregator  TEXT,
    body        BLOB,
    times       INTEGER NOT NULL DEFAULT 1,
    first_at    INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    replayed_at INTEGER
) STRICT;
CREATE INDEX dead_letters_by_age ON dead_letters (last_at);
