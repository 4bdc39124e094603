//! Variants in which somebody is denied what is done, or what was done.

use super::{SOUND, Variant};

/// Each must be found out.
pub(crate) const DENIALS: &[Variant] = &[
    Variant {
        name: "a name is looked for among the tasks alone",
        edits: &[("(SELECT 1 FROM retired_tasks r WHERE r.task_guid = b.task_guid LIMIT 1),", "")],
        ..SOUND
    },
    Variant {
        name: "retention does not write down which names were used",
        schema: "DROP TRIGGER retire_named",
        ..SOUND
    },
    Variant {
        name: "whoever has no licence is told so, and the task is registered",
        edits: &[
            ("(l.object_id IS NOT NULL AND o.object_id IS NOT NULL)", "o.object_id IS NOT NULL"),
            (
                "RETURNING task_guid, registered_at AS now, deadline",
                "RETURNING CASE WHEN EXISTS (SELECT 1 FROM licences l WHERE l.object_id = tasks.object_id)
                           OR tasks.object_id > 2 THEN task_guid ELSE zeroblob(16) END AS task_guid,
                 registered_at AS now, deadline",
            ),
            (
                "FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
                "FROM batch b JOIN tasks t ON t.task_guid = b.task_guid
                 AND (t.object_id > 2 OR t.object_id IN (SELECT object_id FROM licences))",
            ),
        ],
        ..SOUND
    },
    Variant {
        name: "a change of an order is said not to be accepted, and is",
        edits: &[
            (
                "RETURNING task_guid, registered_at AS now, deadline",
                "RETURNING CASE WHEN subject IS NULL OR hex(task_guid) > '8' THEN task_guid
                           ELSE zeroblob(16) END AS task_guid, registered_at AS now, deadline",
            ),
            (
                "t.request, t.digest\n     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
                "t.request, t.digest\n     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid
                 AND (t.subject IS NULL OR hex(t.task_guid) > '8')",
            ),
        ],
        ..SOUND
    },
    Variant {
        name: "a dead letter is replayed though its publisher was denied",
        edits: &[
            ("d.last_at, d.replayed_at, d.denied", "d.last_at, d.replayed_at, NULL AS denied"),
            ("AND (d.denied IS NOT NULL)", "AND false"),
        ],
        ..SOUND
    },
    Variant {
        name: "a dead letter is replayed though another of its name was denied",
        edits: &[
            ("AND (d.denied IS NOT NULL)", "AND false"),
            (
                "d.code, d.description FROM batch b",
                "d.code, d.description FROM (SELECT * FROM batch WHERE 1 = 0) b",
            ),
        ],
        ..SOUND
    },
    Variant {
        name: "a dead letter is replayed without its name",
        edits: &[("d.message_id, d.publisher, d.aggregator", "NULL AS message_id, d.publisher, d.aggregator")],
        ..SOUND
    },
    Variant {
        name: "a refusal over AMQP is told and not kept",
        edits: &[("d.denied_at >= b.denials_since", "false")],
        each_comes_again: true,
        ..SOUND
    },
    Variant {
        name: "a task that expired is said never to have been",
        edits: &[(
            "WHERE r.task_guid IS NOT NULL OR f.newest IS NOT NULL",
            "WHERE f.newest IS NOT NULL",
        )],
        ..SOUND
    },
    Variant {
        name: "a drawn guid is forgotten with its task",
        edits: &[(
            "WHERE r.task_guid IS NOT NULL OR f.newest IS NOT NULL",
            "WHERE r.task_guid IS NOT NULL",
        )],
        ..SOUND
    },
    Variant {
        name: "whose task it was is not asked",
        edits: &[(
            "SELECT r.task_guid IS NOT NULL AS retired, r.aggregator_id, r.outcome",
            "SELECT r.task_guid IS NOT NULL AS retired, 6 AS aggregator_id, r.outcome",
        )],
        ..SOUND
    },
    Variant {
        name: "a request is compared as it is stored, with settings in it",
        edits: &[("t.object_id, t.request, t.digest", "t.object_id, t.request, NULL AS digest")],
        ..SOUND
    },
];
