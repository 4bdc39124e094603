-- Room: protocols/activeplatform.
--
-- ActivePlatform: resellers, their managers, and the payments that billing bridges complete. As elsewhere,
-- the reseller is first in the key of everything that grows, and it is the object of its tasks.

CREATE TABLE ap_resellers (
    reseller_id     bigint PRIMARY KEY CHECK (reseller_id > 0),
    -- Whom it is below; NULL at the top.
    parent_id       bigint REFERENCES ap_resellers CHECK (parent_id <> reseller_id),
    name            text NOT NULL,
    -- The number of its last correction. The row is locked by whoever settles tasks of the reseller.
    last_correction bigint NOT NULL DEFAULT 0
);

-- A manager is a caller: its token, its rate and its idempotency keys are those of the aggregator.
CREATE TABLE ap_managers (
    manager_id    bigint PRIMARY KEY CHECK (manager_id > 0),
    reseller_id   bigint NOT NULL REFERENCES ap_resellers,
    aggregator_id bigint NOT NULL UNIQUE REFERENCES aggregators ON DELETE CASCADE,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('administrator', 'accountant', 'viewer'))
);

CREATE TABLE ap_accounts (
    reseller_id bigint NOT NULL REFERENCES ap_resellers,
    account_id  bigint NOT NULL CHECK (account_id > 0),
    name        text NOT NULL,
    currency    text NOT NULL,
    -- The sum of the account's entries.
    balance     numeric(14, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0),
    PRIMARY KEY (reseller_id, account_id)
);

CREATE TABLE ap_payment_methods (
    reseller_id       bigint NOT NULL REFERENCES ap_resellers,
    payment_method_id bigint NOT NULL CHECK (payment_method_id > 0),
    name              text NOT NULL,
    PRIMARY KEY (reseller_id, payment_method_id)
);

CREATE TABLE ap_payments (
    reseller_id       bigint NOT NULL,
    payment_id        bigint NOT NULL CHECK (payment_id > 0),
    account_id        bigint NOT NULL,
    document_id       text NOT NULL,
    status            text NOT NULL CHECK (status IN (
        'waiting_for_payment', 'expired', 'completed', 'paid_from_balance', 'cancelled')),
    total             numeric(14, 2) NOT NULL CHECK (total >= 0),
    discount_amount   numeric(14, 2) NOT NULL DEFAULT 0 CHECK (discount_amount >= 0),
    currency          text NOT NULL,
    comment           text NOT NULL DEFAULT '',
    purpose           text NOT NULL DEFAULT '',
    requester_ip      text,
    external_total    numeric(14, 2) CHECK (external_total >= 0),
    external_currency text,
    payment_method_id bigint,
    manager_id        bigint,
    due_date          timestamptz,
    expiration_date   timestamptz,
    -- The earlier of the two.
    expires_at        timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    closed_at         timestamptz,
    -- The task that completed it.
    closed_by         uuid,
    -- Ids, as JSON arrays.
    orders            text NOT NULL DEFAULT '[]',
    invoices          text NOT NULL DEFAULT '[]',
    PRIMARY KEY (reseller_id, payment_id),
    CONSTRAINT open_means_not_closed
        CHECK (status NOT IN ('waiting_for_payment', 'expired') OR closed_at IS NULL),
    CONSTRAINT closed_by_means_completed
        CHECK (closed_by IS NULL OR (status = 'completed' AND closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX ap_payments_by_document ON ap_payments (reseller_id, document_id);
CREATE INDEX ap_payments_to_expire ON ap_payments (expires_at)
    WHERE status = 'waiting_for_payment' AND expires_at IS NOT NULL;

-- Money that came for a payment and was not its total, or came when the payment was closed: a credit to the
-- account, in a manager's name.
CREATE TABLE ap_corrections (
    reseller_id   bigint NOT NULL,
    correction_id bigint NOT NULL CHECK (correction_id > 0),
    account_id    bigint NOT NULL,
    payment_id    bigint NOT NULL,
    document_id   text NOT NULL,
    manager_id    bigint NOT NULL,
    amount        numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency      text NOT NULL,
    comment       text NOT NULL,
    task_guid     uuid NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (reseller_id, correction_id)
);
-- A task makes one at most.
CREATE UNIQUE INDEX ap_corrections_by_task ON ap_corrections (reseller_id, task_guid);
CREATE INDEX ap_corrections_by_payment ON ap_corrections (reseller_id, payment_id);

-- What an account consists of, and the audit trail: who credited it, by which task, for what.
CREATE TABLE ap_entries (
    reseller_id   bigint NOT NULL,
    task_guid     uuid NOT NULL,
    line          bigint NOT NULL,
    account_id    bigint NOT NULL,
    payment_id    bigint NOT NULL,
    correction_id bigint,
    kind          text NOT NULL CHECK (kind IN ('payment', 'correction')),
    amount        numeric(14, 2) NOT NULL CHECK (amount >= 0),
    manager_id    bigint NOT NULL,
    entered_at    timestamptz NOT NULL,
    PRIMARY KEY (reseller_id, task_guid, line),
    CHECK ((kind = 'correction') = (correction_id IS NOT NULL))
);
CREATE INDEX ap_entries_by_account ON ap_entries (reseller_id, account_id);
-- A payment is completed once, whatever the program believes.
CREATE UNIQUE INDEX ap_one_closing ON ap_entries (reseller_id, payment_id) WHERE kind = 'payment';

-- The bridge's own number of a payment, with what was answered the first time.
CREATE TABLE ap_external_transactions (
    reseller_id    bigint NOT NULL,
    transaction_id text NOT NULL,
    document_id    text NOT NULL,
    payment_id     bigint NOT NULL,
    amount         numeric(14, 2),
    task_guid      uuid NOT NULL,
    answer         text NOT NULL,
    received_at    timestamptz NOT NULL,
    PRIMARY KEY (reseller_id, transaction_id)
);
