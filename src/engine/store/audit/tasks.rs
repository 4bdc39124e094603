//! Each task is open or has one whole answer, on the right side of its deadline.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const PASSES: &[Pass] = &[ANSWERS];

// When a task was decided is read under its lock; `answered_at` is a moment later. How much later a task may be
// answered that was decided in time is the grace: whoever is stopped in between is cut off by the database.
const ANSWERS: Pass = Pass {
    checks: &[
        Check {
            name: "answer-is-whole",
            rule: "a task has an outcome, an answer and its time, or none of them",
        },
        Check {
            name: "outcome-is-known",
            rule: "an outcome is done, refused, timeout, failed or cancelled" },
        Check {
            name: "open-task-is-in-time",
            rule: "a task is not open long past its deadline: a sweeper answers it",
        },
        Check {
            name: "timeout-is-not-early",
            rule: "a task is answered Timeout at its deadline or later",
        },
        Check {
            name: "done-is-in-time",
            rule: "a task that was done was answered before its deadline, or a moment later",
        },
        Check {
            name: "done-is-not-early",
            rule: "a scheduled task was done at its time or later",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("taskType", Type::Text),
        ("outcome", Type::Text),
        ("deadline", Type::Time),
        ("answeredAt", Type::Time),
    ]),
    body: "SELECT CASE
             WHEN (t.outcome IS NULL) <> (t.answer IS NULL)
                  OR (t.outcome IS NULL) <> (t.answered_at IS NULL) THEN 'answer-is-whole'
             WHEN t.outcome IS NULL THEN 'open-task-is-in-time'
             WHEN t.outcome NOT IN ('done', 'refused', 'timeout', 'failed', 'cancelled') THEN 'outcome-is-known'
             WHEN t.outcome = 'timeout' THEN 'timeout-is-not-early'
             WHEN t.answered_at < t.not_before THEN 'done-is-not-early'
             ELSE 'done-is-in-time' END AS broken,
           t.object_id, t.task_guid, t.task_type, t.outcome, t.deadline, t.answered_at
         FROM tasks t
         WHERE {of t.object_id}
           AND ((t.outcome IS NULL) <> (t.answer IS NULL)
                OR (t.outcome IS NULL) <> (t.answered_at IS NULL)
                OR (t.outcome IS NULL AND t.deadline < {ago grace})
                OR t.outcome NOT IN ('done', 'refused', 'timeout', 'failed', 'cancelled')
                OR (t.outcome = 'timeout' AND t.answered_at < t.deadline)
                OR (t.outcome = 'done' AND t.answered_at < t.not_before)
                OR (t.outcome = 'done' AND t.answered_at > wsa_after(t.deadline, {grace})))",
};
