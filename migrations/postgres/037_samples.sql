-- Room: engine/store.
--
-- What each process counted, a row every ops.sample_ms: the figures of the console and the list of processes. Kept for
-- 48 hours, so not by object_id.
CREATE TABLE samples (
    -- The beginning of the interval that it belongs to, by the database's clock.
    at           timestamptz NOT NULL,
    process_id   uuid        NOT NULL,
    -- The process: what it runs, on which machine, since when, built from what.
    role         text        NOT NULL,
    host         text        NOT NULL,
    version      text        NOT NULL,
    since        timestamptz NOT NULL,
    lanes        bigint      NOT NULL,
    -- How long the row covers, in milliseconds: longer than an interval after a row that could not be written.
    span_ms      bigint      NOT NULL,
    -- Whether the process ends after this row, and what was not ready; empty when all was.
    ending       boolean     NOT NULL,
    trouble      text        NOT NULL,
    -- What it counted in that time. Outcomes: a JSON object from an outcome to a number.
    accepted     bigint      NOT NULL,
    outcomes     text        NOT NULL,
    -- From acceptance to answer, in microseconds; NULL when it answered nothing.
    p50_us       bigint,
    p99_us       bigint,
    -- What it has in hand, and how many messages its queue has.
    in_flight    bigint      NOT NULL,
    queue_depth  bigint      NOT NULL,
    -- Of the whole store, in one row of an interval: tasks without an answer, those that wait for a time of their own,
    -- the age of the oldest, dead letters that were not replayed.
    open         bigint,
    scheduled    bigint,
    oldest_ms    bigint,
    dead         bigint,
    PRIMARY KEY (at, process_id)
);
