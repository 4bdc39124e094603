-- Room: protocols/ticketscloud.
--
-- ticketscloud: events, what is sold of them, and the orders of those who sell. An event is the object of its
-- tasks and first in the key of everything that is its own. Ids on the wire are 24 hex digits; they are compared
-- as bytes ("C"), so that both databases have one order.

-- What a task is about, where at most one open task may be about it.
ALTER TABLE tasks ADD COLUMN subject text;
CREATE UNIQUE INDEX tasks_by_subject ON tasks (object_id, subject)
    WHERE outcome IS NULL AND subject IS NOT NULL;

CREATE TABLE tc_partners (
    partner_id text COLLATE "C" PRIMARY KEY CHECK (partner_id ~ '^[0-9a-f]{24}$'),
    name       text NOT NULL
);

-- A key is a caller: its token, its rate and its idempotency keys are those of the aggregator.
CREATE TABLE tc_keys (
    aggregator_id bigint PRIMARY KEY REFERENCES aggregators ON DELETE CASCADE,
    partner_id    text COLLATE "C" NOT NULL REFERENCES tc_partners,
    name          text NOT NULL UNIQUE
);

-- How orders are paid; the sellers themselves take the money and say so.
CREATE TABLE tc_systems (
    system_id text COLLATE "C" PRIMARY KEY CHECK (system_id ~ '^[0-9a-f]{24}$'),
    code      text NOT NULL UNIQUE
);

-- Numbers of objects far from those of restaurants and resellers, so that no two protocols share one.
CREATE TABLE tc_events (
    object_id   bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000000000000000) PRIMARY KEY
                CHECK (object_id >= 1000000000000000),
    event_id    text COLLATE "C" NOT NULL UNIQUE CHECK (event_id ~ '^[0-9a-f]{24}$'),
    org         text COLLATE "C" NOT NULL REFERENCES tc_partners,
    name        text NOT NULL,
    -- Whether tickets can be reserved at all.
    on_sale     boolean NOT NULL DEFAULT true,
    -- The number of its last order. The row is locked by whoever changes orders or tickets of the event.
    last_number bigint NOT NULL DEFAULT 0
);

-- Who sells an event of somebody else's.
CREATE TABLE tc_deals (
    object_id  bigint NOT NULL REFERENCES tc_events,
    partner_id text COLLATE "C" NOT NULL REFERENCES tc_partners,
    deal_id    text COLLATE "C" NOT NULL UNIQUE CHECK (deal_id ~ '^[0-9a-f]{24}$'),
    PRIMARY KEY (object_id, partner_id)
);

CREATE TABLE tc_sets (
    object_id bigint NOT NULL REFERENCES tc_events,
    set_id    text COLLATE "C" NOT NULL CHECK (set_id ~ '^[0-9a-f]{24}$'),
    name      text NOT NULL,
    PRIMARY KEY (object_id, set_id)
);

-- What a ticket of a set costs, and when.
CREATE TABLE tc_rules (
    object_id bigint NOT NULL,
    rule_id   text COLLATE "C" NOT NULL CHECK (rule_id ~ '^[0-9a-f]{24}$'),
    set_id    text COLLATE "C" NOT NULL,
    price     numeric(14, 2) NOT NULL CHECK (price >= 0),
    extra     numeric(14, 2) NOT NULL CHECK (extra >= 0),
    starts_at timestamptz,
    ends_at   timestamptz,
    PRIMARY KEY (object_id, rule_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets,
    CHECK (starts_at < ends_at)
);
CREATE INDEX tc_rules_by_set ON tc_rules (object_id, set_id);

CREATE TABLE tc_promocodes (
    object_id    bigint NOT NULL REFERENCES tc_events,
    promocode_id text COLLATE "C" NOT NULL CHECK (promocode_id ~ '^[0-9a-f]{24}$'),
    code         text NOT NULL,
    -- Off the price of each ticket: hundredths of a percent, or an amount.
    percent      bigint CHECK (percent BETWEEN 1 AND 10000),
    amount       numeric(14, 2) CHECK (amount > 0),
    -- Of this set only; NULL: of every set.
    set_id       text COLLATE "C",
    -- In how many orders it may be, and in how many it is.
    uses         bigint CHECK (uses > 0),
    used         bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    starts_at    timestamptz,
    ends_at      timestamptz,
    PRIMARY KEY (object_id, promocode_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets,
    CONSTRAINT percent_or_amount CHECK ((percent IS NULL) <> (amount IS NULL)),
    CONSTRAINT used_as_often_as_it_may CHECK (used <= uses),
    CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX tc_promocodes_by_code ON tc_promocodes (object_id, code);

CREATE TABLE tc_tickets (
    object_id bigint NOT NULL,
    ticket_id text COLLATE "C" NOT NULL CHECK (ticket_id ~ '^[0-9a-f]{24}$'),
    set_id    text COLLATE "C" NOT NULL,
    -- A seat, for people.
    seat      text,
    -- The order that holds it; NULL: free.
    order_id  text COLLATE "C",
    PRIMARY KEY (object_id, ticket_id),
    FOREIGN KEY (object_id, set_id) REFERENCES tc_sets
);
CREATE INDEX tc_tickets_free ON tc_tickets (object_id, set_id, ticket_id) WHERE order_id IS NULL;
CREATE INDEX tc_tickets_by_order ON tc_tickets (object_id, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE tc_orders (
    object_id     bigint NOT NULL,
    order_id      text COLLATE "C" NOT NULL CHECK (order_id ~ '^[0-9a-f]{24}$'),
    number        bigint NOT NULL CHECK (number > 0),
    partner_id    text COLLATE "C" NOT NULL,
    deal_id       text COLLATE "C",
    status        text NOT NULL CHECK (status IN (
        'executed', 'in_progress', 'done', 'refunded', 'canceled', 'expired')),
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    reserved_till timestamptz NOT NULL,
    -- JSON.
    customer      text NOT NULL,
    system_id     text COLLATE "C",
    success_url   text,
    failure_url   text,
    -- What its tickets cost after discounts, the discounts, the fees, and what is to be paid.
    nominal       numeric(14, 2) NOT NULL CHECK (nominal >= 0),
    discount      numeric(14, 2) NOT NULL CHECK (discount >= 0),
    extra         numeric(14, 2) NOT NULL CHECK (extra >= 0),
    value         numeric(14, 2) NOT NULL,
    -- The task that made it.
    task_guid     uuid NOT NULL,
    version       bigint NOT NULL CHECK (version >= 1),
    PRIMARY KEY (object_id, order_id),
    CONSTRAINT value_is_nominal_and_extra CHECK (value = nominal + extra)
);
-- Partners know the id alone. On Citus this becomes a plain index: ids are made by this service.
CREATE UNIQUE INDEX tc_orders_by_id ON tc_orders (order_id);
CREATE UNIQUE INDEX tc_orders_by_number ON tc_orders (object_id, number);
-- A task makes one at most.
CREATE UNIQUE INDEX tc_orders_by_task ON tc_orders (object_id, task_guid);
CREATE INDEX tc_orders_by_partner ON tc_orders (partner_id, created_at, order_id);
CREATE INDEX tc_orders_to_expire ON tc_orders (reserved_till) WHERE status IN ('executed', 'in_progress');

-- The tickets of an order, at the prices at which they were reserved.
CREATE TABLE tc_lines (
    object_id bigint NOT NULL,
    order_id  text COLLATE "C" NOT NULL,
    ticket_id text COLLATE "C" NOT NULL,
    set_id    text COLLATE "C" NOT NULL,
    rule_id   text COLLATE "C" NOT NULL,
    price     numeric(14, 2) NOT NULL CHECK (price >= 0),
    extra     numeric(14, 2) NOT NULL CHECK (extra >= 0),
    discount  numeric(14, 2) NOT NULL CHECK (discount >= 0),
    -- Whether the order still has the ticket; not once it is canceled, expired or refunded.
    held      boolean NOT NULL,
    -- The task that reserved it.
    task_guid uuid NOT NULL,
    PRIMARY KEY (object_id, order_id, ticket_id),
    CONSTRAINT discount_of_a_price CHECK (discount <= price)
);
-- A ticket is sold once, whatever the program believes.
CREATE UNIQUE INDEX tc_one_holder ON tc_lines (object_id, ticket_id) WHERE held;

CREATE TABLE tc_order_promocodes (
    object_id    bigint NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    promocode_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (object_id, order_id, promocode_id)
);
CREATE INDEX tc_order_promocodes_by_promocode ON tc_order_promocodes (object_id, promocode_id);

-- What was sold and given back: by which task, for which order, how much.
CREATE TABLE tc_entries (
    object_id  bigint NOT NULL,
    task_guid  uuid NOT NULL,
    order_id   text COLLATE "C" NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('sale', 'refund')),
    amount     numeric(14, 2) NOT NULL CHECK (amount >= 0),
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (object_id, task_guid)
);
-- An order is sold once, and given back once.
CREATE UNIQUE INDEX tc_entries_by_order ON tc_entries (object_id, order_id, kind);
