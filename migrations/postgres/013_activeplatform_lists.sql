-- Room: protocols/activeplatform.
--
-- ActivePlatform: what managers list. Each list of payments reads one of these indexes, in the order in which it is
-- answered; the resellers below another are found by their parents.
CREATE INDEX ap_payments_by_account ON ap_payments (reseller_id, account_id, payment_id);
CREATE INDEX ap_payments_by_status ON ap_payments (reseller_id, status, payment_id);
CREATE INDEX ap_payments_by_creation ON ap_payments (reseller_id, created_at, payment_id);
CREATE INDEX ap_payments_by_update ON ap_payments (reseller_id, updated_at, payment_id);
CREATE INDEX ap_resellers_by_parent ON ap_resellers (parent_id);
