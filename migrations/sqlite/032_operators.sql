-- Room: ops.
--
-- Operators and their journal, as migrations/postgres/032_operators.sql describes them.

CREATE TABLE operators (
    operator_id INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'finance', 'admin')),
    token_hash  BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE journal (
    entry_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    who          TEXT NOT NULL,
    role         TEXT CHECK (role IN ('viewer', 'operator', 'finance', 'admin')),
    via          TEXT NOT NULL CHECK (via IN ('api', 'cli', 'console')),
    action       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    reason       TEXT,
    before       TEXT,
    after        TEXT
) STRICT;
CREATE INDEX journal_by_who ON journal (who, entry_id);
CREATE INDEX journal_by_action ON journal (action, entry_id);
CREATE INDEX journal_by_subject ON journal (subject, entry_id);

CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is only added to: UPDATE is refused'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is only added to: DELETE is refused'); END;
