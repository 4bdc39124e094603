//! What waits to be delivered leads somewhere.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const PASSES: &[Pass] = &[NOTIFICATIONS, SUBSCRIPTIONS];

// The task or event of a notification that is older than mail is kept for may be forgotten; whoever takes the
// notification throws it away.
const NOTIFICATIONS: Pass = Pass {
    checks: &[
        Check { name: "letter-has-its-mailbox", rule: "a letter is in a mailbox that there is" },
        Check {
            name: "letter-has-its-subject",
            rule: "a letter is about an answered task or an event that there is",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("mailboxId", Type::Int),
        ("deliveryId", Type::Int),
        ("subject", Type::Uuid),
        ("isEvent", Type::Bool),
    ]),
    body: "SELECT CASE WHEN m.mailbox_id IS NULL THEN 'letter-has-its-mailbox'
                     ELSE 'letter-has-its-subject' END AS broken,
           d.object_id, d.mailbox_id, d.delivery_id, d.subject, d.is_event
         FROM deliveries d
         LEFT JOIN mailboxes m ON m.mailbox_id = d.mailbox_id
         LEFT JOIN events e ON d.is_event AND e.object_id = d.object_id AND e.event_guid = d.subject
         LEFT JOIN tasks t ON NOT d.is_event AND t.object_id = d.object_id
                          AND t.task_guid = d.subject AND t.outcome IS NOT NULL
         WHERE {of d.object_id}
           AND (m.mailbox_id IS NULL
                OR (d.added_at > {ago mail} AND e.event_guid IS NULL AND t.task_guid IS NULL))",
};

const SUBSCRIPTIONS: Pass = Pass {
    checks: &[Check {
        name: "mailbox-has-its-aggregator",
        rule: "a mailbox is of an aggregator that there is",
    }],
    rows: Rows::Broken(&[
        ("mailboxId", Type::Int),
        ("aggregatorId", Type::Int),
        ("kind", Type::Text),
    ]),
    body: "SELECT 'mailbox-has-its-aggregator' AS broken, m.mailbox_id, m.aggregator_id, m.kind
         FROM mailboxes m LEFT JOIN aggregators a ON a.aggregator_id = m.aggregator_id
         WHERE {whole} AND a.aggregator_id IS NULL",
};
