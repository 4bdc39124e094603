-- Room: engine/store.
--
-- Queues begin when somebody listens, as migrations/postgres/028_queues_begin.sql describes it.
ALTER TABLE mailboxes ADD COLUMN begun INTEGER NOT NULL DEFAULT 1;
