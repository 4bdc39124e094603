-- Room: engine/store.
--
-- A queue that ListenQueue reads begins with the first call that listens to it (or with its operator's word): nothing
-- is put into it before. Most callers poll, and what would be put in for them nobody reads. The queues that are there
-- have begun, and so has every other subscription.
ALTER TABLE mailboxes ADD COLUMN begun boolean NOT NULL DEFAULT true;
