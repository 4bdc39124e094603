-- Room: engine/store.
--
-- Whether the publisher of a dead letter was told that nothing was done, or takes it for that: then it stays so, and
-- the letter is not replayed. NULL: nobody was told anything.
ALTER TABLE dead_letters ADD COLUMN denied text;
UPDATE dead_letters SET denied = 'it has expired'
WHERE door = 'upstream' AND reason LIKE 'the broker gave it up in %: expired';
