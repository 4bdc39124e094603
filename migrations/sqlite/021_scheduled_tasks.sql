-- Room: engine/store.
--
-- Tasks that are cancelled and tasks that begin later, as migrations/postgres/021_scheduled_tasks.sql describes them.
-- SQLite changes no check: both tables are made anew. No trigger fires when a table is dropped.

CREATE TABLE tasks_anew (
    object_id      INTEGER NOT NULL,
    task_guid      BLOB NOT NULL,
    aggregator_id  INTEGER NOT NULL,
    task_type      TEXT NOT NULL,
    request        TEXT NOT NULL,
    registered_at  INTEGER NOT NULL,
    deadline       INTEGER NOT NULL,
    publish_at     INTEGER NOT NULL,
    published      INTEGER NOT NULL DEFAULT 1,
    outcome        TEXT CHECK (outcome IN ('done', 'refused', 'timeout', 'failed', 'cancelled')),
    answer         TEXT,
    answered_at    INTEGER,
    sync           INTEGER NOT NULL DEFAULT 0,
    reply_to       TEXT,
    correlation_id TEXT,
    subject        TEXT,
    named          INTEGER NOT NULL DEFAULT 1,
    digest         BLOB CHECK (length(digest) = 32),
    not_before     INTEGER,
    PRIMARY KEY (object_id, task_guid),
    CONSTRAINT one_answer CHECK (
        (outcome IS NULL) = (answer IS NULL) AND (outcome IS NULL) = (answered_at IS NULL)
    )
) STRICT;
INSERT INTO tasks_anew (object_id, task_guid, aggregator_id, task_type, request, registered_at, deadline,
                        publish_at, published, outcome, answer, answered_at, sync, reply_to,
                        correlation_id, subject, named, digest)
SELECT object_id, task_guid, aggregator_id, task_type, request, registered_at, deadline,
       publish_at, published, outcome, answer, answered_at, sync, reply_to,
       correlation_id, subject, named, digest
FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_anew RENAME TO tasks;

CREATE UNIQUE INDEX tasks_by_guid ON tasks (task_guid);
CREATE INDEX tasks_open ON tasks (deadline) WHERE outcome IS NULL;
CREATE INDEX tasks_by_age ON tasks (registered_at);
CREATE UNIQUE INDEX tasks_by_subject ON tasks (object_id, subject)
    WHERE outcome IS NULL AND subject IS NOT NULL;
CREATE INDEX tasks_to_begin ON tasks (publish_at) WHERE outcome IS NULL AND published = 0;

CREATE TABLE retired_anew (
    task_guid     BLOB PRIMARY KEY,
    object_id     INTEGER NOT NULL,
    aggregator_id INTEGER,
    outcome       TEXT CHECK (outcome IN ('done', 'refused', 'timeout', 'failed', 'cancelled')),
    registered_at INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO retired_anew SELECT task_guid, object_id, aggregator_id, outcome, registered_at FROM retired_tasks;
DROP TABLE retired_tasks;
ALTER TABLE retired_anew RENAME TO retired_tasks;

CREATE TRIGGER one_answer BEFORE UPDATE ON tasks FOR EACH ROW WHEN OLD.outcome IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'the task is answered and cannot change');
END;

CREATE TRIGGER retire_named AFTER DELETE ON tasks FOR EACH ROW WHEN OLD.named
BEGIN
    INSERT INTO retired_tasks (task_guid, object_id, aggregator_id, outcome, registered_at)
    VALUES (OLD.task_guid, OLD.object_id, OLD.aggregator_id, OLD.outcome, OLD.registered_at)
    ON CONFLICT (task_guid) DO NOTHING;
END;

CREATE TRIGGER retire_drawn AFTER DELETE ON tasks FOR EACH ROW WHEN NOT OLD.named
BEGIN
    UPDATE forgotten_guids SET newest = OLD.task_guid
    WHERE newest IS NULL OR newest < OLD.task_guid;
END;
