-- Room: engine/store (aggregators, objects, licences, tasks), protocols/whiteserver (currencies, orders, payments).
--
-- The foundation, as migrations/postgres/001_payments.sql describes it. Money is whole kopecks, time
-- is microseconds since 1970, a guid is a blob of 16 bytes; wsa_now() and wsa_after() are registered
-- by the program on each connection.

CREATE TABLE aggregators (
    aggregator_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL UNIQUE,
    token_hash    BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32)
) STRICT;

CREATE TABLE objects (
    object_id     INTEGER PRIMARY KEY CHECK (object_id > 0),
    name          TEXT NOT NULL,
    agent_version TEXT NOT NULL CHECK (agent_version IN ('v1', 'v2')),
    agent_guid    BLOB NOT NULL,
    timeout_s     INTEGER CHECK (timeout_s BETWEEN 1 AND 3600)
) STRICT;

CREATE TABLE licences (
    aggregator_id INTEGER NOT NULL REFERENCES aggregators ON DELETE CASCADE,
    object_id     INTEGER NOT NULL REFERENCES objects ON DELETE CASCADE,
    PRIMARY KEY (aggregator_id, object_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE currencies (
    object_id     INTEGER NOT NULL REFERENCES objects ON DELETE CASCADE,
    currency_guid BLOB NOT NULL,
    name          TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('cash', 'card', 'online', 'full_discount')),
    PRIMARY KEY (object_id, currency_guid)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    object_id         INTEGER NOT NULL,
    order_guid        BLOB NOT NULL,
    original_order_id TEXT,
    status            TEXT NOT NULL CHECK (status IN ('Created', 'Complited', 'Canceled')),
    total             INTEGER NOT NULL CHECK (total >= 0),
    paid              INTEGER NOT NULL CHECK (paid >= 0 AND paid <= total),
    bill_printed      INTEGER NOT NULL DEFAULT 0,
    created_at        INTEGER NOT NULL,
    closed_at         INTEGER,
    content           TEXT NOT NULL,
    version           INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, order_guid),
    CONSTRAINT closed_means_paid CHECK (status <> 'Complited' OR paid = total)
) STRICT;

CREATE UNIQUE INDEX orders_by_original ON orders (object_id, original_order_id)
    WHERE original_order_id IS NOT NULL;

CREATE TABLE payments (
    object_id     INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    line          INTEGER NOT NULL,
    order_guid    BLOB NOT NULL,
    currency_guid BLOB NOT NULL,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    written_off   INTEGER NOT NULL CHECK (written_off IN (0, 1)),
    card_code     TEXT,
    taken_at      INTEGER NOT NULL,
    PRIMARY KEY (object_id, task_guid, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments_by_order ON payments (object_id, order_guid);

CREATE TABLE tasks (
    object_id     INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    aggregator_id INTEGER NOT NULL,
    task_type     TEXT NOT NULL,
    request       TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    deadline      INTEGER NOT NULL,
    publish_at    INTEGER NOT NULL,
    published     INTEGER NOT NULL DEFAULT 1,
    outcome       TEXT CHECK (outcome IN ('done', 'refused', 'timeout', 'failed')),
    answer        TEXT,
    answered_at   INTEGER,
    PRIMARY KEY (object_id, task_guid),
    CONSTRAINT one_answer CHECK (
        (outcome IS NULL) = (answer IS NULL) AND (outcome IS NULL) = (answered_at IS NULL)
    )
) STRICT;

CREATE UNIQUE INDEX tasks_by_guid ON tasks (task_guid);
CREATE INDEX tasks_open ON tasks (deadline) WHERE outcome IS NULL;
CREATE INDEX tasks_by_age ON tasks (registered_at);

CREATE TRIGGER one_answer BEFORE UPDATE ON tasks FOR EACH ROW WHEN OLD.outcome IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'the task is answered and cannot change');
END;
