-- Room: engine/store.
--
-- Names that are used once, as migrations/postgres/007_names.sql describes them.
CREATE TABLE retired_tasks (
    task_guid     BLOB PRIMARY KEY,
    object_id     INTEGER NOT NULL,
    aggregator_id INTEGER,
    outcome       TEXT CHECK (outcome IN ('done', 'refused', 'timeout', 'failed')),
    registered_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE forgotten_guids (
    only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    newest   BLOB
) STRICT;

INSERT INTO forgotten_guids (newest)
SELECT unhex(printf('%012x', moment / 1000) || '7fffbfffffffffffffff')
FROM (SELECT CASE WHEN EXISTS (SELECT 1 FROM aggregators)
             THEN coalesce((SELECT min(registered_at) FROM tasks), wsa_now()) END AS moment) AS oldest;

INSERT INTO retired_tasks (task_guid, object_id, outcome)
SELECT used.task_guid, used.object_id, 'done'
FROM (SELECT order_guid AS task_guid, object_id FROM orders
      WHERE substr(hex(order_guid), 13, 1) = '8'
      UNION ALL SELECT task_guid, object_id FROM payments
      UNION ALL SELECT removed_by, object_id FROM payments WHERE removed_by IS NOT NULL
      UNION ALL SELECT closed_by, reseller_id FROM ap_payments WHERE closed_by IS NOT NULL
      UNION ALL SELECT task_guid, reseller_id FROM ap_corrections
      UNION ALL SELECT task_guid, reseller_id FROM ap_entries
      UNION ALL SELECT task_guid, reseller_id FROM ap_external_transactions
      UNION ALL SELECT task_guid, object_id FROM tc_orders
      UNION ALL SELECT task_guid, object_id FROM tc_lines
      UNION ALL SELECT task_guid, object_id FROM tc_entries
      UNION ALL SELECT task_guid, object_id FROM bm_numbers
      UNION ALL SELECT task_guid, object_id FROM bm_items
      UNION ALL SELECT task_guid, object_id FROM bm_orders
      UNION ALL SELECT paid_by, object_id FROM bm_orders WHERE paid_by IS NOT NULL
      UNION ALL SELECT task_guid, object_id FROM bm_payments
      UNION ALL SELECT credited_by, object_id FROM bm_payments WHERE credited_by IS NOT NULL
      UNION ALL SELECT task_guid, object_id FROM bm_stored_methods
      UNION ALL SELECT task_guid, object_id FROM bm_entries) AS used
WHERE substr(hex(used.task_guid), 13, 1) <> '7'
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.task_guid = used.task_guid)
ON CONFLICT DO NOTHING;

ALTER TABLE tasks ADD COLUMN named INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN digest BLOB CHECK (length(digest) = 32);

CREATE TRIGGER retire_named AFTER DELETE ON tasks FOR EACH ROW WHEN OLD.named
BEGIN
    INSERT INTO retired_tasks (task_guid, object_id, aggregator_id, outcome, registered_at)
    VALUES (OLD.task_guid, OLD.object_id, OLD.aggregator_id, OLD.outcome, OLD.registered_at)
    ON CONFLICT (task_guid) DO NOTHING;
END;

CREATE TRIGGER retire_drawn AFTER DELETE ON tasks FOR EACH ROW WHEN NOT OLD.named
BEGIN
    UPDATE forgotten_guids SET newest = OLD.task_guid
    WHERE newest IS NULL OR newest < OLD.task_guid;
END;
