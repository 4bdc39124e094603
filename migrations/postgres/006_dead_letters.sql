-- Room: engine/store.
--
-- Deliveries that no worker could settle and messages that are no task, kept for people. Written by workers, and
-- by whoever empties the broker's queue of dead letters; not by every task, and bounded: so not by object_id.
CREATE TABLE dead_letters (
    letter_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of what follows, times apart: what comes again is the same letter.
    digest         bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    -- Through which door it came: on its way to a worker, or from an upstream service.
    door           text NOT NULL CHECK (door IN ('work', 'upstream')),
    reason         text NOT NULL,
    -- The task, as far as it is known.
    object_id      bigint,
    task_guid      uuid,
    task_type      text,
    -- The message, as far as it was one.
    message_id     text,
    publisher      text,
    aggregator     text,
    body           bytea,
    times          bigint NOT NULL DEFAULT 1,
    first_at       timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    replayed_at    timestamptz
);
CREATE INDEX dead_letters_by_age ON dead_letters (last_at);
