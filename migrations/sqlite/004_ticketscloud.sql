-- Room: protocols/ticketscloud.
--
-- ticketscloud, as migrations/postgres/004_ticketscloud.sql describes it.

ALTER TABLE tasks ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX tasks_by_subject ON tasks (object_id, subject)
    WHERE outcome IS NULL AND subject IS NOT NULL;

CREATE TABLE tc_partners (
    partner_id TEXT PRIMARY KEY CHECK (length(partner_id) = 24 AND partner_id NOT GLOB '*[^0-9a-f]*'),
    name       TEXT NOT NULL
) STRICT;

CREATE TABLE tc_keys (
    aggregator_id INTEGER PRIMARY KEY REFERENCES aggregators ON DELETE CASCADE,
    partner_id    TEXT NOT NULL REFERENCES tc_partners,
    name          TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tc_systems (
    system_id TEXT PRIMARY KEY CHECK (length(system_id) = 24 AND system_id NOT GLOB '*[^0-9a-f]*'),
    code      TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tc_events (
    object_id   INTEGER PRIMARY KEY AUTOINCREMENT CHECK (object_id >= 1000000000000000),
    event_id    TEXT NOT NULL UNIQUE CHECK (length(event_id) = 24 AND event_id NOT GLOB '*[^0-9a-f]*'),
    org         TEXT NOT NULL REFERENCES tc_partners,
    name        TEXT NOT NULL,
    on_sale     INTEGER NOT NULL DEFAULT 1,
    last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Where numbers of its objects begin.
INSERT INTO sqlite_sequence (name, seq) VALUES ('tc_events', 999999999999999);

CREATE TABLE tc_deals (
    object_id  INTEGER NOT NULL REFERENCES tc_events,
    partner_id TEXT NOT NULL REFERENCES tc_partners,
    deal_id    TEXT NOT NULL UNIQUE CHECK (length(deal_id) = 24 AND deal_id NOT GLOB '*[^0-9a-f]*'),
    PRIMARY KEY (object_id, partner_id)
) STRICT;

CREATE TABLE tc_sets (
    object_id INTEGER NOT NULL REFERENCES tc_events,
    set_id    TEXT NOT NULL CHECK (length(set_id) = 24 AND set_id NOT GLOB '*[^0-9a-f]*'),
    name      TEXT NOT NULL,
    PRIMARY KEY (object_id, set_id)
) STRICT;

CREATE TABLE tc_rules (
    object_id INTEGER NOT NULL,
    rule_id   TEXT NOT NULL CHECK (length(rule_id) = 24 AND rule_id NOT GLOB '*[^0-9a-f]*'),
    set_id    TEXT NOT NULL,
    price     INTEGER NOT NULL CHECK (price >= 0),
    extra     INTEGER NOT NULL CHECK (extra >= 0),
    starts_at INTEGER,
    ends_at   INTEGER,
    PRIMARY KEY (object_id, rule_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets,
    CHECK (starts_at < ends_at)
) STRICT;
CREATE INDEX tc_rules_by_set ON tc_rules (object_id, set_id);

CREATE TABLE tc_promocodes (
    object_id    INTEGER NOT NULL REFERENCES tc_events,
    promocode_id TEXT NOT NULL CHECK (length(promocode_id) = 24 AND promocode_id NOT GLOB '*[^0-9a-f]*'),
    code         TEXT NOT NULL,
    percent      INTEGER CHECK (percent BETWEEN 1 AND 10000),
    amount       INTEGER CHECK (amount > 0),
    set_id       TEXT,
    uses         INTEGER CHECK (uses > 0),
    used         INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    starts_at    INTEGER,
    ends_at      INTEGER,
    PRIMARY KEY (object_id, promocode_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets,
    CONSTRAINT percent_or_amount CHECK ((percent IS NULL) <> (amount IS NULL)),
    CONSTRAINT used_as_often_as_it_may CHECK (used <= uses),
    CHECK (starts_at < ends_at)
) STRICT;
CREATE UNIQUE INDEX tc_promocodes_by_code ON tc_promocodes (object_id, code);

CREATE TABLE tc_tickets (
    object_id INTEGER NOT NULL,
    ticket_id TEXT NOT NULL CHECK (length(ticket_id) = 24 AND ticket_id NOT GLOB '*[^0-9a-f]*'),
    set_id    TEXT NOT NULL,
    seat      TEXT,
    order_id  TEXT,
    PRIMARY KEY (object_id, ticket_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets
) STRICT;
CREATE INDEX tc_tickets_free ON tc_tickets (object_id, set_id, ticket_id) WHERE order_id IS NULL;
CREATE INDEX tc_tickets_by_order ON tc_tickets (object_id, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE tc_orders (
    object_id     INTEGER NOT NULL,
    order_id      TEXT NOT NULL CHECK (length(order_id) = 24 AND order_id NOT GLOB '*[^0-9a-f]*'),
    number        INTEGER NOT NULL CHECK (number > 0),
    partner_id    TEXT NOT NULL,
    deal_id       TEXT,
    status        TEXT NOT NULL CHECK (status IN (
        'executed', 'in_progress', 'done', 'refunded', 'canceled', 'expired')),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    reserved_till INTEGER NOT NULL,
    customer      TEXT NOT NULL,
    system_id     TEXT,
    success_url   TEXT,
    failure_url   TEXT,
    nominal       INTEGER NOT NULL CHECK (nominal >= 0),
    discount      INTEGER NOT NULL CHECK (discount >= 0),
    extra         INTEGER NOT NULL CHECK (extra >= 0),
    value         INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, order_id),
    CONSTRAINT value_is_nominal_and_extra CHECK (value = nominal + extra)
) STRICT;
CREATE UNIQUE INDEX tc_orders_by_id ON tc_orders (order_id);
CREATE UNIQUE INDEX tc_orders_by_number ON tc_orders (object_id, number);
CREATE UNIQUE INDEX tc_orders_by_task ON tc_orders (object_id, task_guid);
CREATE INDEX tc_orders_by_partner ON tc_orders (partner_id, created_at, order_id);
CREATE INDEX tc_orders_to_expire ON tc_orders (reserved_till) WHERE status IN ('executed', 'in_progress');

CREATE TABLE tc_lines (
    object_id INTEGER NOT NULL,
    order_id  TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    set_id    TEXT NOT NULL,
    rule_id   TEXT NOT NULL,
    price     INTEGER NOT NULL CHECK (price >= 0),
    extra     INTEGER NOT NULL CHECK (extra >= 0),
    discount  INTEGER NOT NULL CHECK (discount >= 0),
    held      INTEGER NOT NULL,
    task_guid BLOB NOT NULL,
    PRIMARY KEY (object_id, order_id, ticket_id),
    CONSTRAINT discount_of_a_price CHECK (discount <= price)
) STRICT;
CREATE UNIQUE INDEX tc_one_holder ON tc_lines (object_id, ticket_id) WHERE held;

CREATE TABLE tc_order_promocodes (
    object_id    INTEGER NOT NULL,
    order_id     TEXT NOT NULL,
    promocode_id TEXT NOT NULL,
    PRIMARY KEY (object_id, order_id, promocode_id)
) STRICT;
CREATE INDEX tc_order_promocodes_by_promocode ON tc_order_promocodes (object_id, promocode_id);

CREATE TABLE tc_entries (
    object_id  INTEGER NOT NULL,
    task_guid  BLOB NOT NULL,
    order_id   TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('sale', 'refund')),
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (object_id, task_guid)
) STRICT;
CREATE UNIQUE INDEX tc_entries_by_order ON tc_entries (object_id, order_id, kind);
