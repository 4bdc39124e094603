-- Room: engine/store.
--
-- The held tasks of an object, in the order in which they are due, in place of tasks_held. Its condition is that of no other index:
-- a planner whose statistics are of an empty table would as soon read all open tasks, by tasks_open. It holds nothing while nothing
-- is paused.
--
-- Outside a transaction.
CREATE INDEX CONCURRENTLY tasks_on_hold ON tasks (object_id, publish_at) WHERE held AND coalesce(outcome, '') = '';
DROP INDEX CONCURRENTLY IF EXISTS tasks_held;
