-- Room: ops.
--
-- Browsers of operators that are logged in, and links that log one in once. Both are random, and kept as a hash.
CREATE TABLE operator_sessions (
    session_hash bytea       PRIMARY KEY CHECK (octet_length(session_hash) = 32),
    operator     text        NOT NULL,
    -- That of the operator when it was made: with another token, what the old one opened is over.
    token_hash   bytea       NOT NULL,
    -- A link that was not used yet; using it makes a session.
    is_link      boolean     NOT NULL,
    -- Begun over https: its cookie is sent over nothing else.
    over_tls     boolean     NOT NULL,
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX operator_sessions_by_expiry ON operator_sessions (expires_at);
