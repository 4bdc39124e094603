-- Room: engine/store.
--
-- What operators look for: the newest tasks of an object, those that were not done, those under a correlation id, and
-- orders by what their clients know of them. Payments of an order are found by payments_by_order.

-- None of them has the guid in it: a planner that believes the table empty would look tasks up by their guids in such a one.
CREATE INDEX tasks_by_object ON tasks (object_id, registered_at);
-- Few; what was done costs nothing here.
CREATE INDEX tasks_not_done ON tasks (registered_at) WHERE outcome <> 'done';
CREATE INDEX tasks_by_correlation ON tasks (correlation_id) WHERE correlation_id IS NOT NULL;
-- SQLite does not touch them when an order is paid, as neither column changes. PostgreSQL does: the status is in another
-- index, and a row that moves is entered in all of them.
CREATE INDEX orders_by_guid ON orders (order_guid);
CREATE INDEX orders_by_original_id ON orders (original_order_id) WHERE original_order_id IS NOT NULL;
