-- Room: engine/store (aggregators, objects, licences, tasks), protocols/whiteserver (currencies, orders, payments).
--
-- The foundation: who may call (aggregators, licences), what is paid (objects, currencies, orders,
-- payments) and what was asked for and answered (tasks).
--
-- Every table that grows with traffic has object_id first in its primary key, so that it can be
-- distributed by it (Citus) or partitioned. Such tables have no foreign keys to each other: they are
-- written in one transaction under the order's row lock, and a foreign key would cost a look-up a row.

-- The one clock of the whole service. A function, so that a statement reads the same on SQLite;
-- clock_timestamp(), because now() stands still while a transaction waits for a lock.
CREATE FUNCTION wsa_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT clock_timestamp()';

CREATE FUNCTION wsa_after(moment timestamptz, seconds bigint) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT moment + seconds * interval ''1 second''';

CREATE TABLE aggregators (
    aggregator_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    -- SHA-256 of the token: 32 random bytes need no slow hash, and the token itself is kept nowhere.
    token_hash    bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32)
);

CREATE TABLE objects (
    object_id     bigint PRIMARY KEY CHECK (object_id > 0),
    name          text NOT NULL,
    agent_version text NOT NULL CHECK (agent_version IN ('v1', 'v2')),
    agent_guid    uuid NOT NULL,
    -- The object's own deadline for tasks that name none; NULL: the service's default.
    timeout_s     bigint CHECK (timeout_s BETWEEN 1 AND 3600)
);

CREATE TABLE licences (
    aggregator_id bigint NOT NULL REFERENCES aggregators ON DELETE CASCADE,
    object_id     bigint NOT NULL REFERENCES objects ON DELETE CASCADE,
    PRIMARY KEY (aggregator_id, object_id)
);

CREATE TABLE currencies (
    object_id     bigint NOT NULL REFERENCES objects ON DELETE CASCADE,
    currency_guid uuid NOT NULL,
    name          text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('cash', 'card', 'online', 'full_discount')),
    PRIMARY KEY (object_id, currency_guid)
);

CREATE TABLE orders (
    object_id         bigint NOT NULL,
    order_guid        uuid NOT NULL,
    original_order_id text,
    status            text NOT NULL CHECK (status IN ('Created', 'Complited', 'Canceled')),
    total             numeric(14, 2) NOT NULL CHECK (total >= 0),
    paid              numeric(14, 2) NOT NULL CHECK (paid >= 0 AND paid <= total),
    bill_printed      boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL,
    closed_at         timestamptz,
    content           text NOT NULL,
    version           bigint NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, order_guid),
    CONSTRAINT closed_means_paid CHECK (status <> 'Complited' OR paid = total)
);

CREATE UNIQUE INDEX orders_by_original ON orders (object_id, original_order_id)
    WHERE original_order_id IS NOT NULL;

CREATE TABLE payments (
    object_id     bigint NOT NULL,
    task_guid     uuid NOT NULL,
    line          bigint NOT NULL,
    order_guid    uuid NOT NULL,
    currency_guid uuid NOT NULL,
    amount        numeric(14, 2) NOT NULL CHECK (amount > 0),
    -- What a 100 % discount leaves over.
    written_off   numeric(14, 2) NOT NULL CHECK (written_off IN (0, 0.01)),
    card_code     text,
    taken_at      timestamptz NOT NULL,
    -- A task pays each of its lines once, however often it is delivered.
    PRIMARY KEY (object_id, task_guid, line)
);

CREATE INDEX payments_by_order ON payments (object_id, order_guid);

CREATE TABLE tasks (
    object_id     bigint NOT NULL,
    task_guid     uuid NOT NULL,
    aggregator_id bigint NOT NULL,
    task_type     text NOT NULL,
    request       text NOT NULL,
    registered_at timestamptz NOT NULL,
    deadline      timestamptz NOT NULL,
    -- When the task is handed to the queue (again) should it still be open, and how often it was.
    publish_at    timestamptz NOT NULL,
    published     bigint NOT NULL DEFAULT 1,
    outcome       text CHECK (outcome IN ('done', 'refused', 'timeout', 'failed')),
    answer        text,
    answered_at   timestamptz,
    PRIMARY KEY (object_id, task_guid),
    -- A task is open, or it has exactly one answer.
    CONSTRAINT one_answer CHECK (
        (outcome IS NULL) = (answer IS NULL) AND (outcome IS NULL) = (answered_at IS NULL)
    )
);

-- Pollers know the guid alone. On Citus this becomes a plain index: guids are made by this service.
CREATE UNIQUE INDEX tasks_by_guid ON tasks (task_guid);
CREATE INDEX tasks_open ON tasks (deadline) WHERE outcome IS NULL;
-- Retention deletes from the old end.
CREATE INDEX tasks_by_age ON tasks (registered_at);

-- An answer, once given, is for ever: whatever the program believes.
CREATE FUNCTION wsa_refuse_second_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'task % of object % is answered and cannot change', OLD.task_guid, OLD.object_id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER one_answer BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL) EXECUTE FUNCTION wsa_refuse_second_answer();
