-- Room: protocols/billmanager.
--
-- BILLmanager, as migrations/postgres/005_billmanager.sql describes it.

CREATE TABLE bm_providers (
    provider_id INTEGER PRIMARY KEY CHECK (provider_id > 0),
    name        TEXT NOT NULL,
    faq         TEXT NOT NULL DEFAULT '[]',
    support     TEXT
) STRICT;
CREATE TABLE bm_itemtypes (
    itemtype TEXT PRIMARY KEY,
    name_ru  TEXT NOT NULL,
    name_en  TEXT NOT NULL,
    quick    INTEGER NOT NULL
) STRICT;
CREATE TABLE bm_datacenters (
    datacenter_id INTEGER PRIMARY KEY CHECK (datacenter_id > 0),
    provider_id   INTEGER NOT NULL REFERENCES bm_providers,
    name          TEXT NOT NULL
) STRICT;
CREATE TABLE bm_pricelists (
    pricelist_id INTEGER PRIMARY KEY CHECK (pricelist_id > 0),
    provider_id  INTEGER NOT NULL REFERENCES bm_providers,
    itemtype     TEXT NOT NULL REFERENCES bm_itemtypes,
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    currency     TEXT NOT NULL,
    active       INTEGER NOT NULL
) STRICT;
CREATE TABLE bm_prices (
    pricelist_id INTEGER NOT NULL REFERENCES bm_pricelists,
    period       INTEGER NOT NULL CHECK (period IN (1, 3, 6, 12, 24, 36)),
    price        INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (pricelist_id, period)
) STRICT;
CREATE TABLE bm_addons (
    addon_id     INTEGER PRIMARY KEY CHECK (addon_id > 0),
    pricelist_id INTEGER NOT NULL REFERENCES bm_pricelists,
    kind         TEXT NOT NULL CHECK (kind IN ('count', 'flag', 'choice')),
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    unit_ru      TEXT NOT NULL,
    unit_en      TEXT NOT NULL,
    included     INTEGER NOT NULL CHECK (included >= 0),
    least        INTEGER NOT NULL CHECK (least >= 0),
    most         INTEGER NOT NULL CHECK (most >= least AND most <= 1000000),
    step         INTEGER NOT NULL CHECK (step > 0),
    price        INTEGER NOT NULL CHECK (price >= 0)
) STRICT;
CREATE INDEX bm_addons_of ON bm_addons (pricelist_id);

CREATE TABLE bm_choices (
    addon_id INTEGER NOT NULL REFERENCES bm_addons,
    value    INTEGER NOT NULL CHECK (value > 0),
    name_ru  TEXT NOT NULL,
    name_en  TEXT NOT NULL,
    price    INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (addon_id, value)
) STRICT;
CREATE TABLE bm_promocodes (
    provider_id INTEGER NOT NULL REFERENCES bm_providers,
    code        TEXT NOT NULL,
    percent     INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    expires_at  INTEGER,
    PRIMARY KEY (provider_id, code)
) STRICT;
CREATE TABLE bm_methods (
    method_id     INTEGER PRIMARY KEY CHECK (method_id > 0),
    provider_id   INTEGER NOT NULL REFERENCES bm_providers,
    module        TEXT NOT NULL,
    name_ru       TEXT NOT NULL,
    name_en       TEXT NOT NULL,
    needs_profile INTEGER NOT NULL,
    storable      INTEGER NOT NULL,
    test          INTEGER NOT NULL,
    active        INTEGER NOT NULL,
    parameters    TEXT NOT NULL
) STRICT;
CREATE TABLE bm_users (
    user_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    login         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    level         INTEGER NOT NULL CHECK (level IN (16, 30)),
    active        INTEGER NOT NULL DEFAULT 1,
    aggregator_id INTEGER NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE
) STRICT;
CREATE TABLE bm_sessions (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    INTEGER NOT NULL REFERENCES bm_users ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX bm_sessions_of ON bm_sessions (user_id, expires_at);
CREATE INDEX bm_sessions_by_age ON bm_sessions (expires_at);

CREATE TABLE bm_accounts (
    object_id   INTEGER PRIMARY KEY AUTOINCREMENT
        CHECK (object_id >= 2000000000000000),
    provider_id INTEGER NOT NULL REFERENCES bm_providers,
    user_id     INTEGER NOT NULL REFERENCES bm_users,
    currency    TEXT NOT NULL,
    balance     INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    UNIQUE (user_id, provider_id)
) STRICT;
CREATE TABLE bm_profiles (
    profile_id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id  INTEGER NOT NULL REFERENCES bm_accounts,
    kind       TEXT NOT NULL CHECK (kind IN ('person', 'entrepreneur', 'company')),
    name       TEXT NOT NULL
) STRICT;
CREATE INDEX bm_profiles_of ON bm_profiles (object_id);

CREATE TABLE bm_numbers (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id INTEGER NOT NULL,
    task_guid BLOB NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('item', 'order', 'payment'))
) STRICT;
CREATE UNIQUE INDEX bm_numbers_by_task ON bm_numbers (object_id, task_guid, kind);

CREATE TABLE bm_items (
    object_id     INTEGER NOT NULL,
    item_id       INTEGER NOT NULL,
    pricelist_id  INTEGER NOT NULL,
    itemtype      TEXT NOT NULL,
    name_ru       TEXT NOT NULL,
    name_en       TEXT NOT NULL,
    period        INTEGER NOT NULL,
    datacenter_id INTEGER,
    autoprolong   INTEGER NOT NULL,
    configuration TEXT NOT NULL,
    currency      TEXT NOT NULL,
    price         INTEGER NOT NULL CHECK (price >= 0),
    discount      INTEGER NOT NULL DEFAULT 0 CHECK (discount >= 0 AND discount <= price),
    promocode     TEXT,
    status        TEXT NOT NULL CHECK (status IN ('cart', 'ordered', 'deleted')),
    task_guid     BLOB NOT NULL,
    added_at      INTEGER NOT NULL,
    PRIMARY KEY (object_id, item_id),
    CONSTRAINT discount_means_promocode CHECK (discount = 0 OR promocode IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX bm_items_by_task ON bm_items (object_id, task_guid);
CREATE INDEX bm_carts ON bm_items (object_id) WHERE status = 'cart';

CREATE TABLE bm_orders (
    object_id  INTEGER NOT NULL,
    order_id   INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('new', 'paid')),
    total      INTEGER NOT NULL CHECK (total >= 0),
    currency   TEXT NOT NULL,
    task_guid  BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    paid_at    INTEGER,
    paid_by    BLOB,
    PRIMARY KEY (object_id, order_id),
    CONSTRAINT paid_means_by_whom CHECK (
        (status = 'paid') = (paid_by IS NOT NULL) AND (paid_by IS NULL) = (paid_at IS NULL)
    )
) STRICT;
CREATE UNIQUE INDEX bm_orders_by_task ON bm_orders (object_id, task_guid);

CREATE TABLE bm_order_lines (
    object_id INTEGER NOT NULL,
    item_id   INTEGER NOT NULL,
    order_id  INTEGER NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (object_id, item_id)
) STRICT;
CREATE INDEX bm_order_lines_of ON bm_order_lines (object_id, order_id);

CREATE TABLE bm_payments (
    object_id     INTEGER NOT NULL,
    payment_id    INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    method_id     INTEGER NOT NULL,
    stored_id     INTEGER,
    profile_id    INTEGER,
    status        INTEGER NOT NULL CHECK (status BETWEEN 1 AND 7),
    amount        INTEGER NOT NULL CHECK (amount > 0),
    currency      TEXT NOT NULL,
    parameters    TEXT NOT NULL,
    store_method  INTEGER NOT NULL,
    key_hash      BLOB,
    aggregator_id INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    credited_at   INTEGER,
    credited_by   BLOB,
    PRIMARY KEY (object_id, payment_id),
    CONSTRAINT credited_means_by_whom CHECK (
        (status IN (4, 5, 6)) = (credited_by IS NOT NULL)
        AND (credited_by IS NULL) = (credited_at IS NULL)
    )
) STRICT;
CREATE UNIQUE INDEX bm_payments_of ON bm_payments (object_id, order_id);
CREATE INDEX bm_payments_by_number ON bm_payments (payment_id);

CREATE TABLE bm_stored_methods (
    object_id  INTEGER NOT NULL,
    stored_id  INTEGER NOT NULL,
    method_id  INTEGER NOT NULL,
    profile_id INTEGER,
    parameters TEXT NOT NULL,
    task_guid  BLOB NOT NULL,
    stored_at  INTEGER NOT NULL,
    PRIMARY KEY (object_id, stored_id)
) STRICT;
CREATE TABLE bm_entries (
    object_id  INTEGER NOT NULL,
    task_guid  BLOB NOT NULL,
    line       INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('deposit', 'payment', 'order')),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    order_id   INTEGER,
    payment_id INTEGER,
    note       TEXT,
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (object_id, task_guid, line),
    CONSTRAINT of_what CHECK (
        (kind = 'deposit') = (note IS NOT NULL) AND (kind = 'deposit') = (order_id IS NULL)
        AND (kind <> 'payment' OR payment_id IS NOT NULL)
    )
) STRICT;
CREATE UNIQUE INDEX bm_one_charge ON bm_entries (object_id, order_id) WHERE kind = 'order';
CREATE UNIQUE INDEX bm_one_credit ON bm_entries (object_id, payment_id) WHERE kind = 'payment';
-- The next account has the first number of their range.
INSERT INTO sqlite_sequence (name, seq) VALUES ('bm_accounts', 1999999999999999);
