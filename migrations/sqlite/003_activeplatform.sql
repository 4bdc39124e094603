-- Room: protocols/activeplatform.
--
-- ActivePlatform, as migrations/postgres/003_activeplatform.sql describes it.

CREATE TABLE ap_resellers (
    reseller_id     INTEGER PRIMARY KEY CHECK (reseller_id > 0),
    parent_id       INTEGER REFERENCES ap_resellers CHECK (parent_id <> reseller_id),
    name            TEXT NOT NULL,
    last_correction INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE ap_managers (
    manager_id    INTEGER PRIMARY KEY CHECK (manager_id > 0),
    reseller_id   INTEGER NOT NULL REFERENCES ap_resellers,
    aggregator_id INTEGER NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('administrator', 'accountant', 'viewer'))
) STRICT;

CREATE TABLE ap_accounts (
    reseller_id INTEGER NOT NULL REFERENCES ap_resellers,
    account_id  INTEGER NOT NULL CHECK (account_id > 0),
    name        TEXT NOT NULL,
    currency    TEXT NOT NULL,
    balance     INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    PRIMARY KEY (reseller_id, account_id)
) STRICT;

CREATE TABLE ap_payment_methods (
    reseller_id       INTEGER NOT NULL REFERENCES ap_resellers,
    payment_method_id INTEGER NOT NULL CHECK (payment_method_id > 0),
    name              TEXT NOT NULL,
    PRIMARY KEY (reseller_id, payment_method_id)
) STRICT;

CREATE TABLE ap_payments (
    reseller_id       INTEGER NOT NULL,
    payment_id        INTEGER NOT NULL CHECK (payment_id > 0),
    account_id        INTEGER NOT NULL,
    document_id       TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN (
        'waiting_for_payment', 'expired', 'completed', 'paid_from_balance', 'cancelled')),
    total             INTEGER NOT NULL CHECK (total >= 0),
    discount_amount   INTEGER NOT NULL DEFAULT 0 CHECK (discount_amount >= 0),
    currency          TEXT NOT NULL,
    comment           TEXT NOT NULL DEFAULT '',
    purpose           TEXT NOT NULL DEFAULT '',
    requester_ip      TEXT,
    external_total    INTEGER CHECK (external_total >= 0),
    external_currency TEXT,
    payment_method_id INTEGER,
    manager_id        INTEGER,
    due_date          INTEGER,
    expiration_date   INTEGER,
    expires_at        INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    closed_at         INTEGER,
    closed_by         BLOB,
    orders            TEXT NOT NULL DEFAULT '[]',
    invoices          TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (reseller_id, payment_id),
    CONSTRAINT open_means_not_closed
        CHECK (status NOT IN ('waiting_for_payment', 'expired') OR closed_at IS NULL),
    CONSTRAINT closed_by_means_completed
        CHECK (closed_by IS NULL OR (status = 'completed' AND closed_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX ap_payments_by_document ON ap_payments (reseller_id, document_id);
CREATE INDEX ap_payments_to_expire ON ap_payments (expires_at)
    WHERE status = 'waiting_for_payment' AND expires_at IS NOT NULL;
CREATE TABLE ap_corrections (
    reseller_id   INTEGER NOT NULL,
    correction_id INTEGER NOT NULL CHECK (correction_id > 0),
    account_id    INTEGER NOT NULL,
    payment_id    INTEGER NOT NULL,
    document_id   TEXT NOT NULL,
    manager_id    INTEGER NOT NULL,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    currency      TEXT NOT NULL,
    comment       TEXT NOT NULL,
    task_guid     BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (reseller_id, correction_id)
) STRICT;
CREATE UNIQUE INDEX ap_corrections_by_task ON ap_corrections (reseller_id, task_guid);
CREATE INDEX ap_corrections_by_payment ON ap_corrections (reseller_id, payment_id);
CREATE TABLE ap_entries (
    reseller_id   INTEGER NOT NULL,
    task_guid     BLOB NOT NULL,
    line          INTEGER NOT NULL,
    account_id    INTEGER NOT NULL,
    payment_id    INTEGER NOT NULL,
    correction_id INTEGER,
    kind          TEXT NOT NULL CHECK (kind IN ('payment', 'correction')),
    amount        INTEGER NOT NULL CHECK (amount >= 0),
    manager_id    INTEGER NOT NULL,
    entered_at    INTEGER NOT NULL,
    PRIMARY KEY (reseller_id, task_guid, line),
    CHECK ((kind = 'correction') = (correction_id IS NOT NULL))
) STRICT;
CREATE INDEX ap_entries_by_account ON ap_entries (reseller_id, account_id);
CREATE UNIQUE INDEX ap_one_closing ON ap_entries (reseller_id, payment_id) WHERE kind = 'payment';
CREATE TABLE ap_external_transactions (
    reseller_id    INTEGER NOT NULL,
    transaction_id TEXT NOT NULL,
    document_id    TEXT NOT NULL,
    payment_id     INTEGER NOT NULL,
    amount         INTEGER,
    task_guid      BLOB NOT NULL,
    answer         TEXT NOT NULL,
    received_at    INTEGER NOT NULL,
    PRIMARY KEY (reseller_id, transaction_id)
) STRICT;
