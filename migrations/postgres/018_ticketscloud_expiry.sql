-- Room: protocols/ticketscloud.
--
-- The orders of one event that nobody paid in time, by the time until which their tickets are reserved.

CREATE INDEX tc_orders_to_expire_of ON tc_orders (object_id, reserved_till) WHERE status IN ('executed', 'in_progress');
