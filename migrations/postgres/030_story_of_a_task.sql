-- Room: engine/store.
--
-- What became of one task's answer: the attempts to deliver it, found by its guid.
CREATE INDEX delivery_log_by_subject ON delivery_log (subject);
