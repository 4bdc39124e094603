//! Variants in which a service is charged and gets nothing for it, or given back more than once.

use super::{SOUND, Variant};

/// Each must be found out.
pub(crate) const SERVICES: &[Variant] = &[
    Variant {
        name: "a service is charged and is not paid for any longer",
        edits: &[
            (
                "expires_at = b.expires_at, anchor_day",
                "expires_at = bm_services.expires_at, anchor_day",
            ),
            ("INSERT INTO bm_periods", "INSERT OR REPLACE INTO bm_periods"),
        ],
        schema: "DROP INDEX bm_one_renewal",
        ..SOUND
    },
    // Whoever deletes it second finds it as it was ordered.
    Variant {
        name: "a service is given back whenever it is deleted",
        edits: &[(
            "s.order_id, s.status AS service_status",
            "s.order_id, CASE WHEN s.opened_at IS NULL THEN 'ordered' ELSE s.status END AS service_status",
        )],
        schema: "DROP INDEX bm_one_refund",
        ..SOUND
    },
];
