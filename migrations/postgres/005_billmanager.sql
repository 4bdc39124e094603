-- Room: protocols/billmanager.
--
-- BILLmanager: providers and what they sell, the clients' carts, orders, payments and balances.
--
-- An account is a client at a provider: its cart, its balance, and the object of its tasks. Object numbers
-- of accounts have a range of their own, so that they are no restaurant's. Everything that grows with
-- traffic has the account's object_id first in its key.

CREATE TABLE bm_providers (
    provider_id bigint PRIMARY KEY CHECK (provider_id > 0),
    name        text NOT NULL,
    -- Links to questions and answers, a JSON array; and the function that support is reached by.
    faq         text NOT NULL DEFAULT '[]',
    support     text
);

CREATE TABLE bm_itemtypes (
    itemtype text PRIMARY KEY,
    name_ru  text NOT NULL,
    name_en  text NOT NULL,
    -- Ordered by {itemtype}.order.param instead of v2.{itemtype}.order.param.
    quick    boolean NOT NULL
);

CREATE TABLE bm_datacenters (
    datacenter_id bigint PRIMARY KEY CHECK (datacenter_id > 0),
    provider_id   bigint NOT NULL REFERENCES bm_providers,
    name          text NOT NULL
);

CREATE TABLE bm_pricelists (
    pricelist_id bigint PRIMARY KEY CHECK (pricelist_id > 0),
    provider_id  bigint NOT NULL REFERENCES bm_providers,
    itemtype     text NOT NULL REFERENCES bm_itemtypes,
    name_ru      text NOT NULL,
    name_en      text NOT NULL,
    currency     text NOT NULL,
    -- Whether it can be ordered.
    active       boolean NOT NULL
);

-- The base price of a period, in months.
CREATE TABLE bm_prices (
    pricelist_id bigint NOT NULL REFERENCES bm_pricelists,
    period       bigint NOT NULL CHECK (period IN (1, 3, 6, 12, 24, 36)),
    price        numeric(14, 2) NOT NULL CHECK (price >= 0),
    PRIMARY KEY (pricelist_id, period)
);

CREATE TABLE bm_addons (
    addon_id     bigint PRIMARY KEY CHECK (addon_id > 0),
    pricelist_id bigint NOT NULL REFERENCES bm_pricelists,
    kind         text NOT NULL CHECK (kind IN ('count', 'flag', 'choice')),
    name_ru      text NOT NULL,
    name_en      text NOT NULL,
    -- Of a count: what it counts, how many are in the base price, and which numbers may be ordered.
    unit_ru      text NOT NULL,
    unit_en      text NOT NULL,
    included     bigint NOT NULL CHECK (included >= 0),
    least        bigint NOT NULL CHECK (least >= 0),
    most         bigint NOT NULL CHECK (most >= least AND most <= 1000000),
    step         bigint NOT NULL CHECK (step > 0),
    -- For a month: of one unit beyond those included, or of the flag. A choice has prices of its own.
    price        numeric(14, 2) NOT NULL CHECK (price >= 0)
);
CREATE INDEX bm_addons_of ON bm_addons (pricelist_id);

CREATE TABLE bm_choices (
    addon_id bigint NOT NULL REFERENCES bm_addons,
    value    bigint NOT NULL CHECK (value > 0),
    name_ru  text NOT NULL,
    name_en  text NOT NULL,
    -- For a month.
    price    numeric(14, 2) NOT NULL CHECK (price >= 0),
    PRIMARY KEY (addon_id, value)
);

CREATE TABLE bm_promocodes (
    provider_id bigint NOT NULL REFERENCES bm_providers,
    code        text NOT NULL,
    percent     bigint NOT NULL CHECK (percent BETWEEN 1 AND 100),
    -- When it cannot be applied any more; NULL: never.
    expires_at  timestamptz,
    PRIMARY KEY (provider_id, code)
);

CREATE TABLE bm_methods (
    method_id     bigint PRIMARY KEY CHECK (method_id > 0),
    provider_id   bigint NOT NULL REFERENCES bm_providers,
    -- The page of its payments is /mancgi/<module>payment.
    module        text NOT NULL,
    name_ru       text NOT NULL,
    name_en       text NOT NULL,
    needs_profile boolean NOT NULL,
    storable      boolean NOT NULL,
    -- Whether its page has a button that pays: for trying, no money moves.
    test          boolean NOT NULL,
    active        boolean NOT NULL,
    -- Its own parameters with the values that each may have, a JSON object.
    parameters    text NOT NULL
);

-- Who calls. The rate and the idempotency keys are those of the aggregator.
CREATE TABLE bm_users (
    user_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    -- Argon2id, as a PHC string.
    password_hash text NOT NULL,
    -- 16: a client; 30: an administrator.
    level         bigint NOT NULL CHECK (level IN (16, 30)),
    active        boolean NOT NULL DEFAULT true,
    aggregator_id bigint NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE
);

CREATE TABLE bm_sessions (
    -- SHA-256 of the session's id.
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id    bigint NOT NULL REFERENCES bm_users ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX bm_sessions_of ON bm_sessions (user_id, expires_at);
CREATE INDEX bm_sessions_by_age ON bm_sessions (expires_at);

-- The row is locked by whoever settles tasks of the account.
CREATE TABLE bm_accounts (
    object_id   bigint GENERATED ALWAYS AS IDENTITY (START WITH 2000000000000000) PRIMARY KEY
        CHECK (object_id >= 2000000000000000),
    provider_id bigint NOT NULL REFERENCES bm_providers,
    user_id     bigint NOT NULL REFERENCES bm_users,
    currency    text NOT NULL,
    -- The sum of the account's entries.
    balance     numeric(14, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0),
    UNIQUE (user_id, provider_id)
);

-- Payers.
CREATE TABLE bm_profiles (
    profile_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_id  bigint NOT NULL REFERENCES bm_accounts,
    kind       text NOT NULL CHECK (kind IN ('person', 'entrepreneur', 'company')),
    name       text NOT NULL
);
CREATE INDEX bm_profiles_of ON bm_profiles (object_id);

-- The numbers of line items, orders and payments are one sequence: a number names one of them, and the
-- account that it is of. A task has at most one of each kind.
CREATE TABLE bm_numbers (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_id bigint NOT NULL,
    task_guid uuid NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('item', 'order', 'payment'))
);
CREATE UNIQUE INDEX bm_numbers_by_task ON bm_numbers (object_id, task_guid, kind);

-- Line items, with what they cost when they were put into the cart.
CREATE TABLE bm_items (
    object_id     bigint NOT NULL,
    item_id       bigint NOT NULL,
    pricelist_id  bigint NOT NULL,
    itemtype      text NOT NULL,
    name_ru       text NOT NULL,
    name_en       text NOT NULL,
    period        bigint NOT NULL,
    datacenter_id bigint,
    autoprolong   boolean NOT NULL,
    -- What the price consists of, JSON.
    configuration text NOT NULL,
    currency      text NOT NULL,
    price         numeric(14, 2) NOT NULL CHECK (price >= 0),
    discount      numeric(14, 2) NOT NULL DEFAULT 0 CHECK (discount >= 0 AND discount <= price),
    promocode     text,
    status        text NOT NULL CHECK (status IN ('cart', 'ordered', 'deleted')),
    task_guid     uuid NOT NULL,
    added_at      timestamptz NOT NULL,
    PRIMARY KEY (object_id, item_id),
    CONSTRAINT discount_means_promocode CHECK (discount = 0 OR promocode IS NOT NULL)
);
CREATE UNIQUE INDEX bm_items_by_task ON bm_items (object_id, task_guid);
CREATE INDEX bm_carts ON bm_items (object_id) WHERE status = 'cart';

CREATE TABLE bm_orders (
    object_id  bigint NOT NULL,
    order_id   bigint NOT NULL,
    status     text NOT NULL CHECK (status IN ('new', 'paid')),
    -- The sum of its lines.
    total      numeric(14, 2) NOT NULL CHECK (total >= 0),
    currency   text NOT NULL,
    task_guid  uuid NOT NULL,
    created_at timestamptz NOT NULL,
    paid_at    timestamptz,
    -- The task that paid it.
    paid_by    uuid,
    PRIMARY KEY (object_id, order_id),
    CONSTRAINT paid_means_by_whom CHECK (
        (status = 'paid') = (paid_by IS NOT NULL) AND (paid_by IS NULL) = (paid_at IS NULL)
    )
);
CREATE UNIQUE INDEX bm_orders_by_task ON bm_orders (object_id, task_guid);

-- A line item is ordered once, whatever the program believes: its number is the key.
CREATE TABLE bm_order_lines (
    object_id bigint NOT NULL,
    item_id   bigint NOT NULL,
    order_id  bigint NOT NULL,
    amount    numeric(14, 2) NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (object_id, item_id)
);
CREATE INDEX bm_order_lines_of ON bm_order_lines (object_id, order_id);

CREATE TABLE bm_payments (
    object_id     bigint NOT NULL,
    payment_id    bigint NOT NULL,
    order_id      bigint NOT NULL,
    -- 0: the balance.
    method_id     bigint NOT NULL,
    stored_id     bigint,
    profile_id    bigint,
    -- 1 new, 2 in progress, 3 pledged, 4 credited, 5 pending return, 6 returned, 7 fraudulent.
    status        bigint NOT NULL CHECK (status BETWEEN 1 AND 7),
    amount        numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency      text NOT NULL,
    parameters    text NOT NULL,
    -- Whether the method is to be stored once the payment is credited.
    store_method  boolean NOT NULL,
    -- SHA-256 of the key in the link to its page; NULL where there is no page.
    key_hash      bytea,
    -- Whose caller made it; its page pays in that name.
    aggregator_id bigint NOT NULL,
    task_guid     uuid NOT NULL,
    created_at    timestamptz NOT NULL,
    credited_at   timestamptz,
    -- The task that credited it.
    credited_by   uuid,
    PRIMARY KEY (object_id, payment_id),
    CONSTRAINT credited_means_by_whom CHECK (
        (status IN (4, 5, 6)) = (credited_by IS NOT NULL)
        AND (credited_by IS NULL) = (credited_at IS NULL)
    )
);
-- An order has one payment.
CREATE UNIQUE INDEX bm_payments_of ON bm_payments (object_id, order_id);
CREATE INDEX bm_payments_by_number ON bm_payments (payment_id);

-- Methods that clients have paid with and asked to keep; the number is that of the first payment.
CREATE TABLE bm_stored_methods (
    object_id  bigint NOT NULL,
    stored_id  bigint NOT NULL,
    method_id  bigint NOT NULL,
    profile_id bigint,
    parameters text NOT NULL,
    task_guid  uuid NOT NULL,
    stored_at  timestamptz NOT NULL,
    PRIMARY KEY (object_id, stored_id)
);

-- What a balance consists of: deposits of the operator and payments add to it, orders take from it.
CREATE TABLE bm_entries (
    object_id  bigint NOT NULL,
    -- The task that made it; a guid of its own for a deposit.
    task_guid  uuid NOT NULL,
    line       bigint NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('deposit', 'payment', 'order')),
    amount     numeric(14, 2) NOT NULL CHECK (amount > 0),
    order_id   bigint,
    payment_id bigint,
    note       text,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (object_id, task_guid, line),
    CONSTRAINT of_what CHECK (
        (kind = 'deposit') = (note IS NOT NULL) AND (kind = 'deposit') = (order_id IS NULL)
        AND (kind <> 'payment' OR payment_id IS NOT NULL)
    )
);
-- An order is charged once, and a payment credited once, whatever the program believes.
CREATE UNIQUE INDEX bm_one_charge ON bm_entries (object_id, order_id) WHERE kind = 'order';
CREATE UNIQUE INDEX bm_one_credit ON bm_entries (object_id, payment_id) WHERE kind = 'payment';
