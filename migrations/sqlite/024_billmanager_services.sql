-- Room: protocols/billmanager.
--
-- BILLmanager: services, as migrations/postgres/024_billmanager_services.sql describes them.

CREATE TABLE bm_services (
    object_id          INTEGER NOT NULL,
    item_id            INTEGER NOT NULL,
    order_id           INTEGER NOT NULL,
    status             TEXT NOT NULL
                       CHECK (status IN ('ordered', 'active', 'suspended', 'expired', 'deleted')),
    suspended_for      TEXT CHECK (suspended_for IN ('end', 'operator')),
    pending            TEXT CHECK (pending IN ('open', 'suspend', 'resume', 'close')),
    autoprolong_period INTEGER,
    ip                 TEXT,
    ordered_at         INTEGER NOT NULL,
    opened_at          INTEGER,
    expires_at         INTEGER,
    anchor_day         INTEGER CHECK (anchor_day BETWEEN 1 AND 31),
    look_at            INTEGER,
    changed_at         INTEGER NOT NULL,
    changed_by         BLOB NOT NULL,
    PRIMARY KEY (object_id, item_id),
    CONSTRAINT suspended_means_why CHECK ((status = 'suspended') = (suspended_for IS NOT NULL)),
    CONSTRAINT ordered_means_not_opened CHECK (
        (status <> 'ordered' OR opened_at IS NULL)
        AND (status NOT IN ('active', 'suspended', 'expired') OR opened_at IS NOT NULL)
        AND (opened_at IS NULL) = (anchor_day IS NULL)
    )
) STRICT;
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
