-- Room: engine/store; protocols/whiteserver (permissions).
--
-- Mailboxes, events, callbacks and permissions, as migrations/postgres/002_deliveries.sql describes them.

ALTER TABLE objects ADD COLUMN closed_orders INTEGER NOT NULL DEFAULT 0;
ALTER TABLE objects ADD COLUMN all_tables INTEGER NOT NULL DEFAULT 0;
ALTER TABLE objects ADD COLUMN cancel_paid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE objects ADD COLUMN prepay_currency BLOB;

-- SQLite adds no NOT NULL column without a constant; the program always writes it.
ALTER TABLE aggregators ADD COLUMN guid_salt BLOB;
UPDATE aggregators SET guid_salt = randomblob(16);
ALTER TABLE aggregators ADD COLUMN amqp_user TEXT;
CREATE UNIQUE INDEX aggregators_by_amqp_user ON aggregators (amqp_user) WHERE amqp_user IS NOT NULL;
ALTER TABLE aggregators ADD COLUMN requests_per_s INTEGER CHECK (requests_per_s > 0);

-- The check is canceled_means_unpaid: SQLite adds a constraint only with a column.
ALTER TABLE orders ADD COLUMN table_code TEXT CHECK (status <> 'Canceled' OR paid = 0);
UPDATE orders SET table_code = content ->> '$.tableCode';
CREATE INDEX orders_by_status ON orders (object_id, status, created_at);

ALTER TABLE payments ADD COLUMN promised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN removed_by BLOB;
ALTER TABLE payments ADD COLUMN removed_at INTEGER
    CHECK ((removed_by IS NULL) = (removed_at IS NULL));

ALTER TABLE tasks ADD COLUMN sync INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN reply_to TEXT;
ALTER TABLE tasks ADD COLUMN correlation_id TEXT;

CREATE TABLE mailboxes (
    mailbox_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    aggregator_id    INTEGER NOT NULL REFERENCES aggregators ON DELETE CASCADE,
    kind             TEXT NOT NULL
                     CHECK (kind IN ('task_queue', 'event_queue', 'results', 'replies', 'callback')),
    open             INTEGER NOT NULL DEFAULT 1,
    answers          INTEGER NOT NULL,
    events           INTEGER NOT NULL,
    added_at         INTEGER NOT NULL,
    url              TEXT,
    secret           BLOB,
    old_secret       BLOB,
    old_secret_until INTEGER,
    failing_since    INTEGER,
    closed_because   TEXT,
    CONSTRAINT callbacks_have_a_url CHECK ((kind = 'callback') = (url IS NOT NULL)),
    CONSTRAINT callbacks_are_signed CHECK ((kind = 'callback') = (secret IS NOT NULL)),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_mailbox_of_a_kind ON mailboxes (aggregator_id, kind) WHERE kind <> 'callback';
CREATE INDEX licences_of_object ON licences (object_id);
CREATE INDEX mailboxes_of_aggregator ON mailboxes (aggregator_id);
CREATE UNIQUE INDEX callbacks_by_url ON mailboxes (aggregator_id, url) WHERE kind = 'callback';

INSERT INTO mailboxes (aggregator_id, kind, answers, events, added_at)
SELECT a.aggregator_id, k.column1, k.column1 <> 'event_queue', k.column1 = 'event_queue', wsa_now()
FROM aggregators a CROSS JOIN (VALUES ('task_queue'), ('event_queue'), ('replies')) AS k;

CREATE TABLE deliveries (
    delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id  INTEGER NOT NULL,
    object_id   INTEGER NOT NULL,
    subject     BLOB NOT NULL,
    is_event    INTEGER NOT NULL,
    added_at    INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_due ON deliveries (mailbox_id, due_at);

CREATE TABLE events (
    object_id   INTEGER NOT NULL,
    event_guid  BLOB NOT NULL,
    order_guid  BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (object_id, event_guid)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_age ON events (occurred_at);

CREATE TABLE delivery_log (
    mailbox_id   INTEGER NOT NULL,
    delivery_id  INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    object_id    INTEGER NOT NULL,
    subject      BLOB NOT NULL,
    is_event     INTEGER NOT NULL,
    attempted_at INTEGER NOT NULL,
    took_ms      INTEGER NOT NULL,
    status       INTEGER,
    error        TEXT,
    next_at      INTEGER,
    PRIMARY KEY (mailbox_id, delivery_id, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_log_by_age ON delivery_log (attempted_at);
