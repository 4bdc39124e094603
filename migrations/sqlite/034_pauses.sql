-- Room: engine/store.
--
-- Paused objects and audits, as migrations/postgres/034_pauses.sql describes them.

CREATE TABLE paused_objects (
    object_id INTEGER PRIMARY KEY,
    paused_at INTEGER NOT NULL,
    paused_by TEXT NOT NULL,
    reason    TEXT NOT NULL
) STRICT;

CREATE TABLE audit_runs (
    run_id      INTEGER PRIMARY KEY,
    asked_by    TEXT NOT NULL,
    object_id   INTEGER,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    sound       INTEGER,
    report      TEXT,
    error       TEXT,
    CONSTRAINT finished_means_told CHECK (
        (finished_at IS NULL) = (sound IS NULL AND error IS NULL) AND (report IS NULL) = (sound IS NULL)
    )
) STRICT;
