-- Room: engine/store.
--
-- Whether the store takes writes: each process writes its own row, some times a second, and is ready while that works.

CREATE TABLE probes (
    process_id BLOB    NOT NULL PRIMARY KEY CHECK (length(process_id) = 16),
    written_at INTEGER NOT NULL,
    -- As large as a task while the store refuses tasks: a full disk may have room for less.
    padding    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
