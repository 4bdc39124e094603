-- Room: engine/store.
--
-- The held tasks of an object, as migrations/postgres/046_on_hold.sql describes them.
CREATE INDEX tasks_on_hold ON tasks (object_id, publish_at) WHERE held AND coalesce(outcome, '') = '';
DROP INDEX tasks_held;
