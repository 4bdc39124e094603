//! The statements that register tasks, put together from the tables in which protocols keep guids of their own.

use crate::database::{Column, Statement, Type};

/// Where guids stand that no new task by licence may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuidsOf {
    /// The table.
    pub table: &'static str,
    /// Its column of objects.
    pub object: &'static str,
    /// Its column of guids.
    pub guid: &'static str,
}

/// The statements.
#[derive(Debug)]
pub(crate) struct Registering {
    /// Registers those that may be.
    pub(crate) register: Statement,
    /// The same where this service drew each guid: nothing can have had one before.
    pub(crate) register_drawn: Statement,
    /// Finds the guids that are used up.
    pub(crate) find_used: Statement,
}

impl Registering {
    /// What registers a batch of tasks.
    pub(crate) fn of_batch(&self, any_named: bool) -> &Statement {
        if any_named { &self.register } else { &self.register_drawn }
    }

    /// For protocols that keep guids there.
    pub(crate) fn of(guids: impl Iterator<Item = GuidsOf>) -> Registering {
        let guids: Vec<GuidsOf> = guids.collect();
        Registering {
            register: Statement::write(NEW, register(Some(&guids)).leak()),
            register_drawn: Statement::write(NEW, register(None).leak()),
            find_used: Statement::read(NAMED, find_used(&guids).leak()),
        }
    }
}

const NEW: &[Column] = &[
    ("object_id", Type::Int),
    ("task_guid", Type::Uuid),
    ("aggregator_id", Type::Int),
    ("task_type", Type::Text),
    ("request", Type::Text),
    ("timeout_s", Type::Int),
    ("default_timeout_s", Type::Int),
    ("republish_after_s", Type::Int),
    ("sync", Type::Bool),
    ("reply_to", Type::Text),
    ("correlation_id", Type::Text),
    ("subject", Type::Text),
    ("expires_at", Type::Time),
    ("licensed", Type::Bool),
    ("digest", Type::Bytes),
    ("named", Type::Bool),
    ("looks_drawn", Type::Bool),
    ("denials_since", Type::Time),
    ("token_hash", Type::Bytes),
    ("not_before", Type::Time),
    ("furthest_s", Type::Int),
];

const NAMED: &[Column] = &[
    ("object_id", Type::Int),
    ("task_guid", Type::Uuid),
    ("aggregator_id", Type::Int),
    ("licensed", Type::Bool),
    ("looks_drawn", Type::Bool),
];

// The licence and the token are checked by the statement that registers, so neither can be withdrawn in between. What is
// `licensed` has been checked by the rules of its own protocol, and its object is none of `objects`. The clock
// is read once and kept: SQLite would otherwise read it anew for each column that is made of it.
//
// One that is not to begin before a time of its caller's is registered as of that time, and no queue has had it.
const REGISTER: &str = "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, sync, reply_to,
                        correlation_id, subject, digest, named, registered_at, deadline, publish_at,
                        published, not_before)
     SELECT object_id, task_guid, aggregator_id, task_type, request, sync, reply_to, correlation_id,
            subject, digest, named, coalesce(not_before, moment),
            CASE WHEN expires_at < wsa_after(coalesce(not_before, moment), timeout_s) THEN expires_at
                 ELSE wsa_after(coalesce(not_before, moment), timeout_s) END,
            coalesce(not_before, wsa_after(moment, republish_after_s)),
            CASE WHEN not_before IS NULL THEN 1 ELSE 0 END, not_before
     FROM (WITH clock AS MATERIALIZED (SELECT wsa_now() AS moment)
           SELECT b.object_id, b.task_guid, b.aggregator_id, b.task_type, b.request, b.sync,
                  b.reply_to, b.correlation_id, b.subject, b.digest, b.named,
                  coalesce(b.timeout_s, o.timeout_s, b.default_timeout_s) AS timeout_s,
                  b.republish_after_s, b.expires_at, clock.moment,
                  CASE WHEN b.not_before > clock.moment THEN b.not_before END AS not_before
           FROM clock CROSS JOIN batch b
           {left one licences l: aggregator_id, object_id WHERE NOT b.licensed}
           {left one objects o: object_id WHERE NOT b.licensed}
           WHERE (b.licensed OR (l.object_id IS NOT NULL AND o.object_id IS NOT NULL))
             AND CASE WHEN b.not_before > wsa_after(clock.moment, b.furthest_s) THEN false ELSE true END
             AND CASE WHEN b.token_hash IS NULL THEN true ELSE b.token_hash =
                     (SELECT a.token_hash FROM aggregators a
                      WHERE a.aggregator_id = b.aggregator_id LIMIT 1) END{unused}) AS admitted
     WHERE true
     ON CONFLICT DO NOTHING
     RETURNING task_guid, registered_at AS now, deadline, not_before IS NOT NULL AS scheduled";

// That a guid is not used up.
//
// A guid that its caller named is looked for among the tasks, the deleted tasks and the guids of protocols, each by its
// index and only for such a guid. The tasks are looked through although their index would refuse a second one:
// retention deletes a task and writes its guid down in one transaction, so that the one moment at which this
// statement sees everything shows one of the two. Without that look, a task deleted while this statement runs
// would be in neither: not in the index any more, not yet in what is seen. (Sub-selects with a limit and not
// EXISTS, which a planner may answer by reading all of a table that it takes for small; and of a key of two columns the
// last one is asked for in its order, which only the index of the whole key has.)
const UNUSED: &str = "
             AND CASE WHEN b.named THEN coalesce(
                     (SELECT 1 FROM {rows tasks t: task_guid} LIMIT 1),
                     (SELECT 1 FROM retired_tasks r WHERE r.task_guid = b.task_guid LIMIT 1),
{guids}                     CASE WHEN b.looks_drawn THEN
                         (SELECT 1 FROM forgotten_guids f WHERE f.newest >= b.task_guid LIMIT 1) END,
                     CASE WHEN b.denials_since IS NOT NULL THEN
                         (SELECT CASE WHEN d.denied_at >= b.denials_since THEN 1 END FROM denials d
                          WHERE d.aggregator_id = b.aggregator_id AND d.task_guid >= b.task_guid
                            AND d.task_guid <= b.task_guid ORDER BY d.task_guid LIMIT 1) END
                 ) IS NULL ELSE true END";

// Whoever has no licence for an object does not learn which orders it has.
const FIND_USED: &str =
    "SELECT b.task_guid, r.task_guid IS NOT NULL AS retired, r.aggregator_id, r.outcome
     FROM batch b
     {left one retired_tasks r: task_guid}
     {left one licences l: aggregator_id, object_id WHERE NOT b.licensed}
{joins}     LEFT JOIN forgotten_guids f ON b.looks_drawn AND f.newest >= b.task_guid
                                AND (b.licensed OR l.object_id IS NOT NULL)
     WHERE r.task_guid IS NOT NULL{found} OR f.newest IS NOT NULL";

/// For guids that their callers named, and protocols that keep guids there; or for drawn ones.
fn register(named: Option<&[GuidsOf]>) -> String {
    let unused = named.map(unused).unwrap_or_default();
    REGISTER.replace("{unused}", &unused)
}

fn unused(guids: &[GuidsOf]) -> String {
    let look = |GuidsOf { table, object, guid }: &GuidsOf| {
        format!(
            "                     CASE WHEN NOT b.licensed THEN
                         (SELECT 1 FROM {table} u
                          WHERE u.{object} = b.object_id AND u.{guid} >= b.task_guid
                            AND u.{guid} <= b.task_guid ORDER BY u.{guid} LIMIT 1) END,\n"
        )
    };
    UNUSED.replace("{guids}", &guids.iter().map(look).collect::<String>())
}

fn find_used(guids: &[GuidsOf]) -> String {
    let numbered = || guids.iter().enumerate();
    let joins = numbered().map(|(n, GuidsOf { table, object, guid })| {
        format!("     {{left one {table} u{n}: {object} = l.object_id, {guid} = b.task_guid}}\n")
    });
    let found = numbered().map(|(n, of)| format!(" OR u{n}.{} IS NOT NULL", of.guid));
    FIND_USED
        .replace("{joins}", &joins.collect::<String>())
        .replace("{found}", &found.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_looked_for_in_each_table_that_is_named() {
        let of = |table| GuidsOf { table, object: "place", guid: "name" };
        let both = [of("bills"), of("tabs")];
        let text = register(Some(&both));
        for table in ["bills", "tabs"] {
            assert!(text.contains(&format!("(SELECT 1 FROM {table} u")), "{text}");
        }
        let text = find_used(&both);
        assert!(text.contains("{left one tabs u1: place = l.object_id, name = b.task_guid}"));
        assert!(text.contains(" OR u0.name IS NOT NULL OR u1.name IS NOT NULL OR f.newest"));
        for none in [register(Some(&[])), register(None), find_used(&[])] {
            for mark in ["{guids}", "{joins}", "{unused}"] {
                assert!(!none.contains(mark), "{none}");
            }
        }
        assert!(!register(None).contains("retired_tasks"), "a drawn guid is nowhere");
    }
}
