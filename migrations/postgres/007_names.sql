-- Room: engine/store.
--
-- A task's guid is used once, for ever: retention deletes the task, and what stays of it is its name. And what is
-- compared when a guid comes again is a digest of what the caller sent.

-- Guids of tasks that are deleted, where their callers chose them (an Idempotency-Key, a message_id). Not by
-- object_id: a guid is looked up before anything is known of its task.
CREATE TABLE retired_tasks (
    task_guid     uuid PRIMARY KEY,
    object_id     bigint NOT NULL,
    -- NULL: it was deleted before this table existed, and stands in the books.
    aggregator_id bigint,
    -- NULL: it was deleted while it was open, which this program never does.
    outcome       text CHECK (outcome IN ('done', 'refused', 'timeout', 'failed')),
    registered_at timestamptz
);

-- Guids that this program drew itself grow with time (UUID version 7): of those that are deleted the greatest is
-- enough.
CREATE TABLE forgotten_guids (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    newest   uuid
);

-- Until now deleted tasks left nothing behind. Those of this program are older than the oldest that is there;
-- where there is none, than this moment.
INSERT INTO forgotten_guids (newest)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7fffbfffffffffffffff')::uuid
FROM (SELECT CASE WHEN EXISTS (SELECT 1 FROM aggregators)
             THEN coalesce((SELECT min(registered_at) FROM tasks), wsa_now()) END AS moment) AS oldest;

-- And those that callers named stand in the books, if they did something.
SET LOCAL enable_seqscan = on;
INSERT INTO retired_tasks (task_guid, object_id, outcome)
SELECT used.task_guid, used.object_id, 'done'
FROM (SELECT order_guid AS task_guid, object_id FROM orders
      WHERE get_byte(uuid_send(order_guid), 6) >> 4 = 8
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
WHERE get_byte(uuid_send(used.task_guid), 6) >> 4 <> 7
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.task_guid = used.task_guid)
ON CONFLICT DO NOTHING;

ALTER TABLE tasks
    -- Whether its caller named it; false only for a guid that this program drew itself. What an older program
    -- registers counts as named.
    ADD COLUMN named boolean NOT NULL DEFAULT true,
    -- SHA-256 of what the caller sent; NULL for a task of an older program, whose request is compared instead.
    ADD COLUMN digest bytea;
ALTER TABLE tasks ADD CONSTRAINT digest_is_sha256 CHECK (octet_length(digest) = 32) NOT VALID;

-- A trigger, so that no deletion leaves the name out, whatever deletes: also a program of an older release.
CREATE FUNCTION wsa_retire_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO retired_tasks (task_guid, object_id, aggregator_id, outcome, registered_at)
    SELECT task_guid, object_id, aggregator_id, outcome, registered_at FROM gone WHERE named
    ON CONFLICT (task_guid) DO NOTHING;
    UPDATE forgotten_guids
    SET newest = (SELECT task_guid FROM gone WHERE NOT named ORDER BY task_guid DESC LIMIT 1)
    WHERE EXISTS (SELECT 1 FROM gone
                  WHERE NOT named AND (newest IS NULL OR gone.task_guid > newest));
    RETURN NULL;
END $$;

CREATE TRIGGER retire AFTER DELETE ON tasks REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION wsa_retire_tasks();
