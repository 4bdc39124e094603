//! Variants in which what an operator does holds nobody.

use super::{NO_ONE_ANSWER, SOUND, Variant};

/// Each must be found out.
pub(crate) const OPERATORS: &[Variant] = &[
    Variant {
        name: "an operator cancels what a worker has carried out",
        cancels_what_is_answered: true,
        schema: NO_ONE_ANSWER,
        ..SOUND
    },
    Variant {
        name: "a worker carries out what an operator has cancelled",
        edits: &[
            (
                "CASE WHEN t.outcome IS NULL THEN t.request END",
                "CASE WHEN t.outcome IS NULL OR (t.outcome = 'cancelled' AND EXISTS (
                     SELECT 1 FROM journal j WHERE j.action = 'task.cancel'
                       AND replace(j.subject, '-', '') = lower(hex(t.task_guid)))) THEN t.request END",
            ),
            ("AND coalesce(tasks.outcome, '') = ''", ""),
        ],
        schema: NO_ONE_ANSWER,
        ..SOUND
    },
    Variant {
        name: "a task of a paused object is carried out",
        edits: &[("h.object_id IS NOT NULL AS paused", "false AS paused")],
        ..SOUND
    },
    Variant {
        name: "what was held while its object was paused is left where it is",
        edits: &[("t.held AND coalesce", "t.held AND false AND coalesce")],
        ..SOUND
    },
    Variant {
        name: "a licence that an operator has withdrawn is served",
        edits: &[(
            "(l.object_id IS NOT NULL AND o.object_id IS NOT NULL)",
            "o.object_id IS NOT NULL",
        )],
        ..SOUND
    },
];
