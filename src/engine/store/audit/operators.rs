//! The journal is whole, and says what operators did.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const PASSES: &[Pass] = &[WHOLE, CANCELLED, PAUSED];

// Of entries from before they were numbered without a gap only the count is known. An entry that was taken out is missing,
// from the end as well, and one that was put in has no number to have.
const WHOLE: Pass = Pass {
    checks: &[Check {
        name: "journal-is-whole",
        rule: "the entries of the journal are numbered without a gap up to the last one that was made",
    }],
    rows: Rows::Broken(&[
        ("lastEntry", Type::Int),
        ("found", Type::Int),
        ("expected", Type::Int),
    ]),
    body: "SELECT 'journal-is-whole' AS broken, h.last_entry,
             (SELECT count(*) FROM journal) AS found, h.last_entry - h.older + h.older_count AS expected
         FROM (SELECT coalesce(max(last_entry), 0) AS last_entry, coalesce(max(older), 0) AS older,
                      coalesce(max(older_count), 0) AS older_count, count(*) AS heads FROM journal_head) h
         WHERE {whole}
           AND (h.heads <> 1
                OR (SELECT count(*) FROM journal j WHERE j.entry_id <= h.older) <> h.older_count
                OR (SELECT count(*) FROM journal j WHERE j.entry_id > h.older AND j.entry_id <= h.last_entry)
                   <> h.last_entry - h.older
                OR EXISTS (SELECT 1 FROM journal j WHERE j.entry_id > h.last_entry))",
};

const CANCELLED: Pass = Pass {
    checks: &[Check {
        name: "cancel-entry-is-true",
        rule: "a task that was cancelled by the journal is answered so, unless retention has forgotten it",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("outcome", Type::Text),
        ("entryId", Type::Int),
    ]),
    body: "SELECT 'cancel-entry-is-true' AS broken, t.object_id, t.task_guid, t.outcome, j.entry_id
         FROM tasks t JOIN journal j ON j.subject = {guid t.task_guid}
         WHERE {of t.object_id} AND j.action = 'task.cancel' AND j.after LIKE '%\"cancelled\"%'
           AND coalesce(t.outcome, '') <> 'cancelled'",
};

// The last entry about an object says how it stands.
const PAUSED: Pass = Pass {
    checks: &[Check {
        name: "pause-is-entered",
        rule: "an object is paused if and only if the journal says so last, and by whom it says",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("pausedBy", Type::Text),
        ("entered", Type::Text),
    ]),
    body: "SELECT 'pause-is-entered' AS broken, x.object_id, x.paused_by, x.entered
         FROM (SELECT s.object_id, max(s.paused_by) AS paused_by, max(s.action) AS entered, max(s.who) AS who
               FROM (SELECT h.object_id, h.paused_by, NULL AS action, NULL AS who FROM paused_objects h
                     UNION ALL
                     SELECT CAST(j.subject AS bigint), NULL, j.action, j.who FROM journal j
                     JOIN (SELECT max(entry_id) AS entry_id FROM journal
                           WHERE action IN ('object.pause', 'object.resume') GROUP BY subject) l
                       ON l.entry_id = j.entry_id) s
               GROUP BY s.object_id) x
         WHERE {of x.object_id}
           AND ((x.paused_by IS NOT NULL) <> (coalesce(x.entered, '') = 'object.pause')
                OR x.paused_by <> x.who)",
};
