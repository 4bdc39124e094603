//! Mistakes about what is told, cancelled or begun later.

use super::{NO_ONE_ANSWER, SOUND, Variant};

pub(crate) const LATER: &[Variant] = &[
    Variant {
        name: "a cancelled order is not told to stand elsewhere",
        edits: &[(
            "SELECT object_id, event_guid, order_guid, wsa_now(), version, event_type, body FROM batch",
            "SELECT object_id, event_guid, order_guid, wsa_now(), version, event_type, body FROM batch
             WHERE event_type = 'OrderChanged' OR body NOT LIKE '%\"Canceled\"%'",
        )],
        ..SOUND
    },
    Variant {
        name: "cancelled, and executed all the same",
        edits: &[
            (
                "CASE WHEN t.outcome IS NULL THEN t.request END",
                "CASE WHEN coalesce(t.outcome, 'cancelled') = 'cancelled' THEN t.request END",
            ),
            ("AND coalesce(tasks.outcome, '') = ''", ""),
        ],
        schema: NO_ONE_ANSWER,
        ..SOUND
    },
    Variant {
        name: "a scheduled task is handed out at once, and carried out when it comes",
        edits: &[
            (
                "coalesce(not_before, wsa_after(moment, republish_after_s)),",
                "moment,",
            ),
            ("t.outcome, t.not_before,", "t.outcome, NULL AS not_before,"),
        ],
        ..SOUND
    },
];
