-- Room: engine/store.
--
-- Held tasks and the numbers of the journal, as migrations/postgres/040_resumed.sql describes them.

ALTER TABLE tasks ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

CREATE TABLE resumed_objects (
    object_id  INTEGER PRIMARY KEY,
    resumed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER note_resumed AFTER DELETE ON paused_objects
BEGIN
    INSERT INTO resumed_objects (object_id, resumed_at) VALUES (OLD.object_id, wsa_now())
    ON CONFLICT (object_id) DO UPDATE SET resumed_at = excluded.resumed_at;
END;
CREATE TRIGGER note_paused AFTER INSERT ON paused_objects
BEGIN DELETE FROM resumed_objects WHERE object_id = NEW.object_id; END;

CREATE TABLE journal_head (
    only_one    INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_one = 1),
    older       INTEGER NOT NULL,
    older_count INTEGER NOT NULL,
    last_entry  INTEGER NOT NULL
) STRICT;
INSERT INTO journal_head (older, older_count, last_entry)
    SELECT coalesce(max(entry_id), 0), count(*), coalesce(max(entry_id), 0) FROM journal;

-- Entries are numbered without a gap here, as nothing is left of what was rolled back.
CREATE TRIGGER number_entry AFTER INSERT ON journal
BEGIN UPDATE journal_head SET last_entry = NEW.entry_id; END;
