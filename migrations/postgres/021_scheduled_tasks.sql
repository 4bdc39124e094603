-- Room: engine/store.
--
-- Tasks that are cancelled, and tasks that are not to begin before a time of their caller's.

ALTER TABLE tasks
    -- Not checked for the rows that are there: the words before this one are words still.
    DROP CONSTRAINT tasks_outcome_check,
    ADD CONSTRAINT tasks_outcome_check
        CHECK (outcome IN ('done', 'refused', 'timeout', 'failed', 'cancelled')) NOT VALID,
    -- Nobody carries it out before; `registered_at` is the same moment then, so that its age counts from it. NULL: it may
    -- begin at once.
    ADD COLUMN not_before timestamptz;
ALTER TABLE retired_tasks
    DROP CONSTRAINT retired_tasks_outcome_check,
    ADD CONSTRAINT retired_tasks_outcome_check
        CHECK (outcome IN ('done', 'refused', 'timeout', 'failed', 'cancelled')) NOT VALID;

-- Those that no queue had yet.
CREATE INDEX tasks_to_begin ON tasks (publish_at) WHERE outcome IS NULL AND published = 0;
