-- Room: engine/store.
--
-- The held tasks of an object, in the order in which they are due. It holds nothing while nothing is paused.
--
-- Outside a transaction.
CREATE INDEX CONCURRENTLY tasks_held ON tasks (object_id, publish_at) WHERE outcome IS NULL AND held;
