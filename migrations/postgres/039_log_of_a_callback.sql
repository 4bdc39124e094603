-- Room: engine/store.
--
-- What operators look at: the newest attempts to post to a callback, and those that failed. The log of another callback may
-- have millions of rows that are newer. Each attempt is entered in the first; it is no part of a payment.
--
-- Outside a transaction.

CREATE INDEX CONCURRENTLY delivery_log_of_callback ON delivery_log (mailbox_id, attempted_at);
CREATE INDEX CONCURRENTLY delivery_log_failed ON delivery_log (mailbox_id, attempted_at)
    WHERE status IS NULL OR status < 200 OR status > 299;

-- The dead letters of a task, for its page. There are few, and no payment writes one.
CREATE INDEX CONCURRENTLY dead_letters_by_task ON dead_letters (task_guid) WHERE task_guid IS NOT NULL;
CREATE INDEX CONCURRENTLY dead_letters_by_message ON dead_letters (message_id) WHERE message_id IS NOT NULL;
