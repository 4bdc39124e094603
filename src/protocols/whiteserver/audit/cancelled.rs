//! A task is cancelled because somebody wanted it.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[CANCELLED];

// By whom an older one was cancelled may be forgotten already. The request of a `CancelTask` that is done can be read.
const CANCELLED: Pass = Pass {
    checks: &[Check {
        name: "cancelled-task-was-asked-for",
        rule: "a task was cancelled by a CancelTask of its caller that is done, or by an operator whom the journal names",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("taskType", Type::Text),
        ("answeredAt", Type::Time),
    ]),
    body: "SELECT 'cancelled-task-was-asked-for' AS broken, t.object_id, t.task_guid, t.task_type, t.answered_at
         FROM tasks t
         LEFT JOIN (SELECT c.object_id, c.aggregator_id, {named c.request params taskGuid} AS target
                    FROM tasks c
                    WHERE {of c.object_id} AND c.task_type = 'CancelTask' AND c.outcome = 'done'
                    GROUP BY c.object_id, c.aggregator_id, {named c.request params taskGuid}) AS a
           ON a.object_id = t.object_id AND a.aggregator_id = t.aggregator_id
          AND a.target = {digits t.task_guid}
         WHERE {of t.object_id} AND t.outcome = 'cancelled' AND t.answered_at > {ago retention}
           AND a.target IS NULL
           AND NOT EXISTS (SELECT 1 FROM journal j
                           WHERE j.subject = {guid t.task_guid} AND j.action = 'task.cancel')",
};
