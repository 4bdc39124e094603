-- Room: protocols/billmanager.
--
-- BILLmanager: what is not used of a paid period is given back when a service is deleted.

-- By which rule: not at all, by whole months, or by whole days.
ALTER TABLE bm_pricelists ADD COLUMN refund text NOT NULL DEFAULT 'none' CHECK (refund IN ('none', 'months', 'days'));
-- What the price list said when the line item was put into the cart.
ALTER TABLE bm_items ADD COLUMN refund text NOT NULL DEFAULT 'none' CHECK (refund IN ('none', 'months', 'days'));

-- What was given back of a period: never more than was paid for it.
ALTER TABLE bm_periods ADD COLUMN refunded numeric(14, 2) NOT NULL DEFAULT 0
    CHECK (refunded >= 0 AND refunded <= amount);

-- Of a refund: the service. It is given back once, whatever the program believes.
ALTER TABLE bm_entries DROP CONSTRAINT bm_entries_kind_check;
ALTER TABLE bm_entries ADD CONSTRAINT bm_entries_kind_check
    CHECK (kind IN ('deposit', 'payment', 'order', 'renewal', 'refund'));
ALTER TABLE bm_entries DROP CONSTRAINT of_which_period;
ALTER TABLE bm_entries ADD CONSTRAINT of_which_period CHECK (
    (kind IN ('renewal', 'refund')) = (item_id IS NOT NULL) AND (kind = 'renewal') = (starts_at IS NOT NULL)
);
CREATE UNIQUE INDEX bm_one_refund ON bm_entries (object_id, item_id) WHERE kind = 'refund';
