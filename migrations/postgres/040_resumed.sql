-- Room: engine/store.
--
-- Tasks of a paused object are held until it is resumed, and the entries of the journal are numbered without a gap.

-- A worker that received a task of a paused object sets it aside: no queue has it, and nobody publishes it again before the
-- object is resumed.
ALTER TABLE tasks ADD COLUMN held boolean NOT NULL DEFAULT false;
-- Their index is made by a step of its own, 042: this one has the table to itself.

-- What was held of these is to be published. A row stays for longer than a worker's transaction can last: one that saw the
-- object paused may hold a task after it was resumed.
CREATE TABLE resumed_objects (
    object_id  bigint PRIMARY KEY,
    resumed_at timestamptz NOT NULL
);

-- Whoever pauses or resumes, an older program too.
CREATE OR REPLACE FUNCTION wsa_note_resumed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO resumed_objects (object_id, resumed_at) VALUES (OLD.object_id, wsa_now())
        ON CONFLICT (object_id) DO UPDATE SET resumed_at = excluded.resumed_at;
    ELSE
        DELETE FROM resumed_objects WHERE object_id = NEW.object_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_resumed AFTER INSERT OR DELETE ON paused_objects
    FOR EACH ROW EXECUTE FUNCTION wsa_note_resumed();

-- The last entry of the journal. A sequence leaves a gap where a transaction was rolled back, and a gap is to say that an
-- entry was taken out. Entries up to the first of these numbers are from before: only their count is known.
CREATE TABLE journal_head (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    older        bigint NOT NULL,
    older_count  bigint NOT NULL,
    last_entry   bigint NOT NULL
);
INSERT INTO journal_head (older, older_count, last_entry)
    SELECT coalesce(max(entry_id), 0), count(*), coalesce(max(entry_id), 0) FROM journal;

CREATE OR REPLACE FUNCTION wsa_number_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE journal_head SET last_entry = last_entry + 1 RETURNING last_entry INTO NEW.entry_id;
    RETURN NEW;
END $$;
CREATE TRIGGER number_entry BEFORE INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION wsa_number_entry();
