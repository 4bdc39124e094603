-- Room: engine/store.
--
-- What each process counted, as migrations/postgres/037_samples.sql describes it.
CREATE TABLE samples (
    at           INTEGER NOT NULL,
    process_id   BLOB    NOT NULL CHECK (length(process_id) = 16),
    role         TEXT    NOT NULL,
    host         TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    since        INTEGER NOT NULL,
    lanes        INTEGER NOT NULL,
    span_ms      INTEGER NOT NULL,
    ending       INTEGER NOT NULL,
    trouble      TEXT    NOT NULL,
    accepted     INTEGER NOT NULL,
    outcomes     TEXT    NOT NULL,
    p50_us       INTEGER,
    p99_us       INTEGER,
    in_flight    INTEGER NOT NULL,
    queue_depth  INTEGER NOT NULL,
    open         INTEGER,
    scheduled    INTEGER,
    oldest_ms    INTEGER,
    dead         INTEGER,
    PRIMARY KEY (at, process_id)
) STRICT, WITHOUT ROWID;
