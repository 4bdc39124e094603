-- Room: engine/store; protocols/whiteserver (permissions).
--
-- Every order task, and everything that tells of tasks and orders beside the poll: mailboxes, what is
-- delivered through them, events, callbacks and their log.

-- What an object permits beyond the ordinary, as its operator decides (`wsa admin object set`).
ALTER TABLE objects
    -- GetOrderList may show closed orders, and orders of all tables.
    ADD COLUMN closed_orders boolean NOT NULL DEFAULT false,
    ADD COLUMN all_tables boolean NOT NULL DEFAULT false,
    -- CancelOrder may cancel an order with a payment or a printed bill.
    ADD COLUMN cancel_paid boolean NOT NULL DEFAULT false,
    -- What AddPrepayOrder pays with when it names no currency.
    ADD COLUMN prepay_currency uuid;

ALTER TABLE aggregators
    -- Task guids made from a caller's idempotency keys are salted with it, so that nobody else can
    -- guess them.
    ADD COLUMN guid_salt uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The RabbitMQ user that publishes as this aggregator; NULL: none does.
    ADD COLUMN amqp_user text UNIQUE,
    -- Its own rate limit; NULL: the service's.
    ADD COLUMN requests_per_s bigint CHECK (requests_per_s > 0);

ALTER TABLE orders
    ADD COLUMN table_code text,
    ADD CONSTRAINT canceled_means_unpaid CHECK (status <> 'Canceled' OR paid = 0);
UPDATE orders SET table_code = content::jsonb ->> 'tableCode' WHERE content LIKE '%"tableCode"%';
-- GetOrderList: the newest open (or closed) orders of an object.
CREATE INDEX orders_by_status ON orders (object_id, status, created_at);

-- A prepayment that is removed stays in the books, with the task that removed it.
ALTER TABLE payments
    ADD COLUMN promised boolean NOT NULL DEFAULT false,
    ADD COLUMN removed_by uuid,
    ADD COLUMN removed_at timestamptz,
    ADD CONSTRAINT removed_by_a_task CHECK ((removed_by IS NULL) = (removed_at IS NULL));

ALTER TABLE tasks
    -- Its caller waits for the answer in the request that submitted it, so it is delivered nowhere else.
    ADD COLUMN sync boolean NOT NULL DEFAULT false,
    -- Where a task published over AMQP wants its answer, and under which correlation_id.
    ADD COLUMN reply_to text,
    ADD COLUMN correlation_id text;

-- A place that answers and events are put into for one aggregator. `task_queue` and `event_queue` are read
-- by ListenQueue; `results` and `replies` go to RabbitMQ; each `callback` is a URL.
CREATE TABLE mailboxes (
    mailbox_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregator_id    bigint NOT NULL REFERENCES aggregators ON DELETE CASCADE,
    kind             text NOT NULL
                     CHECK (kind IN ('task_queue', 'event_queue', 'results', 'replies', 'callback')),
    -- Whether anything is put in at all, and what.
    open             boolean NOT NULL DEFAULT true,
    answers          boolean NOT NULL,
    events           boolean NOT NULL,
    added_at         timestamptz NOT NULL,
    -- The rest is for callbacks. Secrets are kept as they are: each delivery is signed with them.
    url              text,
    secret           bytea,
    old_secret       bytea,
    old_secret_until timestamptz,
    failing_since    timestamptz,
    -- Why the service itself closed it.
    closed_because   text,
    CONSTRAINT callbacks_have_a_url CHECK ((kind = 'callback') = (url IS NOT NULL)),
    CONSTRAINT callbacks_are_signed CHECK ((kind = 'callback') = (secret IS NOT NULL)),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);
CREATE UNIQUE INDEX one_mailbox_of_a_kind ON mailboxes (aggregator_id, kind) WHERE kind <> 'callback';
-- Whom an event of an object goes to.
CREATE INDEX licences_of_object ON licences (object_id);
CREATE INDEX mailboxes_of_aggregator ON mailboxes (aggregator_id);
CREATE UNIQUE INDEX callbacks_by_url ON mailboxes (aggregator_id, url) WHERE kind = 'callback';

INSERT INTO mailboxes (aggregator_id, kind, answers, events, added_at)
SELECT a.aggregator_id, k.kind, k.kind <> 'event_queue', k.kind = 'event_queue', wsa_now()
FROM aggregators a CROSS JOIN (VALUES ('task_queue'), ('event_queue'), ('replies')) AS k (kind);

-- What waits in a mailbox. Its content is read when it is delivered: the answer of the task, or the event.
-- Distributed by mailbox_id where the rest is by object_id: a mailbox is read as one queue.
CREATE TABLE deliveries (
    mailbox_id  bigint NOT NULL,
    delivery_id bigint GENERATED ALWAYS AS IDENTITY,
    object_id   bigint NOT NULL,
    -- The guid of the task or of the event.
    subject     uuid NOT NULL,
    is_event    boolean NOT NULL,
    added_at    timestamptz NOT NULL,
    -- Nobody takes it before: it is in somebody's hands until then, or waits for its next attempt.
    due_at      timestamptz NOT NULL,
    attempts    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (mailbox_id, delivery_id)
);
CREATE INDEX deliveries_due ON deliveries (mailbox_id, due_at);

-- A change of an order, as the order was then.
CREATE TABLE events (
    object_id   bigint NOT NULL,
    event_guid  uuid NOT NULL,
    order_guid  uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    body        text NOT NULL,
    PRIMARY KEY (object_id, event_guid)
);
CREATE INDEX events_by_age ON events (occurred_at);

-- What became of each attempt to deliver to a callback.
CREATE TABLE delivery_log (
    mailbox_id  bigint NOT NULL,
    delivery_id bigint NOT NULL,
    attempt     bigint NOT NULL,
    object_id   bigint NOT NULL,
    subject     uuid NOT NULL,
    is_event    boolean NOT NULL,
    attempted_at timestamptz NOT NULL,
    took_ms     bigint NOT NULL,
    -- The HTTP status, or else what went wrong before there was one.
    status      bigint,
    error       text,
    -- When it is tried again; NULL: delivered or given up.
    next_at     timestamptz,
    PRIMARY KEY (mailbox_id, delivery_id, attempt)
);
CREATE INDEX delivery_log_by_age ON delivery_log (attempted_at);
