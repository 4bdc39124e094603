-- Room: protocols/billmanager.
--
-- BILLmanager: what an order says beside its price list, period and add-ons. A row that is there already keeps its
-- meaning: a line item is one unit, is renewed for the period that it was ordered for, and has no parameters.

-- The parameters that a price list declares, a JSON array.
ALTER TABLE bm_pricelists ADD COLUMN parameters text NOT NULL DEFAULT '[]';

-- Periods: -100 a trial, -50 a day, 0 without end, otherwise months.
ALTER TABLE bm_prices DROP CONSTRAINT bm_prices_period_check;
ALTER TABLE bm_prices ADD CONSTRAINT bm_prices_period_check
    CHECK (period IN (-100, -50) OR period BETWEEN 0 AND 36);

-- How many units a line item is of; its price is that of all of them.
ALTER TABLE bm_items ADD COLUMN order_count bigint NOT NULL DEFAULT 1 CHECK (order_count BETWEEN 1 AND 100);
-- For which period it is renewed, when it is; NULL: for the period that it was ordered for.
ALTER TABLE bm_items ADD COLUMN autoprolong_period bigint;
-- The values of the declared parameters by name, a JSON object. Provisioning needs all of them; some are secrets.
ALTER TABLE bm_items ADD COLUMN parameters text NOT NULL DEFAULT '{}';
