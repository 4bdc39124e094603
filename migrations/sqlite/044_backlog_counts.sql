-- Room: engine/store.
--
-- How many tasks were open when a process counted them for all others, as migrations/postgres/044_backlog_counts.sql
-- describes it.

CREATE TABLE backlog_counts (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    counted_at INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    report     TEXT NOT NULL
) STRICT;

INSERT INTO backlog_counts VALUES (1, 0, 0, '{"oldest_ms": 0, "objects": {}}');
