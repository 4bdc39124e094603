-- Room: ops.
--
-- Browsers of operators, as migrations/postgres/038_operator_sessions.sql describes them.
CREATE TABLE operator_sessions (
    session_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(session_hash) = 32),
    operator     TEXT    NOT NULL,
    token_hash   BLOB    NOT NULL,
    is_link      INTEGER NOT NULL,
    over_tls     INTEGER NOT NULL,
    made_at      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_sessions_by_expiry ON operator_sessions (expires_at);
