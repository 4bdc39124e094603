-- Room: protocols/billmanager.
--
-- BILLmanager: what was paid is a service, which has a life of its own. A service is a line item of a paid order, has the
-- number of that line item, and is of as many units. Orders that were paid before have theirs from here.

CREATE TABLE bm_services (
    object_id          bigint NOT NULL,
    item_id            bigint NOT NULL,
    order_id           bigint NOT NULL,
    status             text NOT NULL
                       CHECK (status IN ('ordered', 'active', 'suspended', 'expired', 'deleted')),
    -- Why it is suspended: what was paid for has ended, or an operator wants it.
    suspended_for      text CHECK (suspended_for IN ('end', 'operator')),
    -- What provisioning has not reported yet.
    pending            text CHECK (pending IN ('open', 'suspend', 'resume', 'close')),
    -- For which period it is renewed by itself; NULL: it is not.
    autoprolong_period bigint,
    -- As provisioning reported it.
    ip                 text,
    ordered_at         timestamptz NOT NULL,
    opened_at          timestamptz,
    -- Until when it is paid for; NULL: it was not opened, or has no end.
    expires_at         timestamptz,
    -- The day of the month on which its months end.
    anchor_day         bigint CHECK (anchor_day BETWEEN 1 AND 31),
    -- When it is to be looked at next; NULL: never by itself.
    look_at            timestamptz,
    changed_at         timestamptz NOT NULL,
    -- The task that changed it last.
    changed_by         uuid NOT NULL,
    PRIMARY KEY (object_id, item_id),
    CONSTRAINT suspended_means_why CHECK ((status = 'suspended') = (suspended_for IS NOT NULL)),
    CONSTRAINT ordered_means_not_opened CHECK (
        (status <> 'ordered' OR opened_at IS NULL)
        AND (status NOT IN ('active', 'suspended', 'expired') OR opened_at IS NOT NULL)
        AND (opened_at IS NULL) = (anchor_day IS NULL)
    )
);
CREATE INDEX bm_services_by_number ON bm_services (item_id);
CREATE INDEX bm_services_due ON bm_services (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX bm_services_pending ON bm_services (changed_at, item_id) WHERE pending IS NOT NULL;

INSERT INTO bm_services (object_id, item_id, order_id, status, pending, autoprolong_period, ordered_at, changed_at,
                         changed_by)
SELECT l.object_id, l.item_id, l.order_id, 'ordered', 'open',
       CASE WHEN i.autoprolong THEN coalesce(i.autoprolong_period, i.period) END,
       o.paid_at, o.paid_at, o.paid_by
FROM bm_orders o
JOIN bm_order_lines l ON l.object_id = o.object_id AND l.order_id = o.order_id
JOIN bm_items i ON i.object_id = l.object_id AND i.item_id = l.item_id
WHERE o.status = 'paid';
