-- Room: engine/store.
--
-- How many tasks were open when a process counted them for all others: one row. It is written only while there are many.
CREATE TABLE backlog_counts (
    only_row   bigint      PRIMARY KEY CHECK (only_row = 1),
    -- By the database's clock, before the count was begun.
    counted_at timestamptz NOT NULL,
    -- Nobody needs to count before.
    next_at    timestamptz NOT NULL,
    -- JSON: the age of the oldest, and of each object how many are open and how many wait for a time of their own.
    report     text        NOT NULL
);

INSERT INTO backlog_counts VALUES (1, '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '{"oldest_ms": 0, "objects": {}}');
