-- Room: protocols/billmanager.
--
-- BILLmanager: services are renewed, and orders that nobody pays expire.

-- What each period costs that a line item may be renewed for, a JSON object: what its price list said when it was put
-- into the cart. A line item that was there before knows what its own period costs.
ALTER TABLE bm_items ADD COLUMN renewals text NOT NULL DEFAULT '{}';

-- What was paid for: each period begins where the one before it ended. A period begins once, and a task begins one,
-- whatever the program believes.
CREATE TABLE bm_periods (
    object_id bigint NOT NULL,
    item_id   bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    -- NULL: without end.
    ends_at   timestamptz,
    -- As orders name it: -100, -50, 0, or months.
    period    bigint NOT NULL,
    -- What was charged: for the first one by the order, for the others by a renewal.
    amount    numeric(14, 2) NOT NULL CHECK (amount >= 0),
    task_guid uuid NOT NULL,
    -- When it was charged, or the service opened.
    begun_at  timestamptz NOT NULL,
    PRIMARY KEY (object_id, item_id, starts_at),
    CONSTRAINT ends_after_it_starts CHECK (ends_at > starts_at)
);
CREATE UNIQUE INDEX bm_periods_by_task ON bm_periods (object_id, task_guid);

-- Of a renewal: the service, and where the period starts that was charged.
ALTER TABLE bm_entries ADD COLUMN item_id bigint;
ALTER TABLE bm_entries ADD COLUMN starts_at timestamptz;
ALTER TABLE bm_entries DROP CONSTRAINT bm_entries_kind_check;
ALTER TABLE bm_entries ADD CONSTRAINT bm_entries_kind_check
    CHECK (kind IN ('deposit', 'payment', 'order', 'renewal'));
ALTER TABLE bm_entries ADD CONSTRAINT of_which_period CHECK (
    (kind = 'renewal') = (item_id IS NOT NULL) AND (item_id IS NULL) = (starts_at IS NULL)
);
CREATE UNIQUE INDEX bm_one_renewal ON bm_entries (object_id, item_id, starts_at) WHERE kind = 'renewal';

ALTER TABLE bm_orders DROP CONSTRAINT bm_orders_status_check;
ALTER TABLE bm_orders ADD CONSTRAINT bm_orders_status_check CHECK (status IN ('new', 'paid', 'expired'));
CREATE INDEX bm_orders_unpaid ON bm_orders (created_at) WHERE status = 'new';
