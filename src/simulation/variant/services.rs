//! Variants in which a service is charged and gets nothing for it.

use super::{SOUND, Variant};

/// Each must be found out.
pub(crate) const SERVICES: &[Variant] = &[Variant {
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
}];
