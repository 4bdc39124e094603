-- Room: ops.
--
-- Who operates the service, and what they did.

CREATE TABLE operators (
    operator_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    role        text NOT NULL CHECK (role IN ('viewer', 'operator', 'finance', 'admin')),
    -- SHA-256 of the token, as for aggregators.
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at  timestamptz NOT NULL,
    -- From then on the token opens nothing. The row stays: the journal names it.
    disabled_at timestamptz
);

-- Every action of an operator: written in the transaction of its effect, and never changed.
CREATE TABLE journal (
    entry_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    -- An operator's name, or the user of the system that ran a command.
    who          text NOT NULL,
    -- NULL: somebody with the database's password, on the command line.
    role         text CHECK (role IN ('viewer', 'operator', 'finance', 'admin')),
    via          text NOT NULL CHECK (via IN ('api', 'cli', 'console')),
    action       text NOT NULL,
    subject_kind text NOT NULL,
    subject      text NOT NULL,
    reason       text,
    -- JSON: what it was, and what it is since.
    before       text,
    after        text
);
CREATE INDEX journal_by_who ON journal (who, entry_id);
CREATE INDEX journal_by_action ON journal (action, entry_id);
CREATE INDEX journal_by_subject ON journal (subject, entry_id);

CREATE OR REPLACE FUNCTION wsa_refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is only added to: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION wsa_refuse_journal_change();
