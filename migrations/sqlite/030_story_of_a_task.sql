-- Room: engine/store.
--
-- Attempts of one task's answer, as migrations/postgres/030_story_of_a_task.sql describes them.
CREATE INDEX delivery_log_by_subject ON delivery_log (subject);
