//! Whether the promises were kept: what clients and receivers were told, against the tables. Here is what is asked
//! of every task; each protocol adds what its tasks do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;
use uuid::Uuid;

use super::dead;
use super::effects::Effects;
use super::observations::{Denial, Observations, Told};
use super::operators::Forbidden;
use super::tasks::{self, TaskRow};

/// What a run left behind, beside its tables.
pub(crate) struct Remains {
    pub tasks: HashMap<Uuid, TaskRow>,
    /// By task or event: the bodies that were posted.
    pub called: BTreeMap<Uuid, Vec<String>>,
    /// By task: the bodies in the results queue.
    pub results: BTreeMap<Uuid, Vec<String>>,
    /// By task or event: the notifications that somebody listened for.
    pub listened: BTreeMap<Uuid, Vec<String>>,
    /// The rights that were withdrawn at any time.
    pub withdrawn: BTreeSet<&'static str>,
    /// The tasks that operators wanted to cancel, and those of which they were told that they are.
    pub cancelled: BTreeSet<Uuid>,
    pub surely_cancelled: BTreeSet<Uuid>,
    /// When objects were paused, and when the aggregator had lost its licence for them.
    pub paused: Vec<Forbidden>,
    pub unlicensed: Vec<Forbidden>,
    /// Tasks that cannot be written.
    pub spoilt: BTreeSet<Uuid>,
    /// When everything was mended, by the database's clock, in microseconds.
    pub mended_at: i64,
    /// Whether the clock went backwards: then `answered_at` says nothing.
    pub clock_jumped: bool,
    /// By task: when the transaction began that carried it out, by the database's clock, in microseconds.
    pub answering: BTreeMap<Uuid, i64>,
}

impl Remains {
    /// Whether this task was carried out, by the table of tasks.
    pub(crate) fn is_done(&self, task: &Uuid) -> bool {
        self.tasks.get(task).is_some_and(|task| task.is("done"))
    }
}

/// After this long without a fault, in microseconds, a task must have been carried out.
const SOON: i64 = 60_000_000;

/// What a task must have had left when it was accepted, in microseconds: an `expiration` counts from the consumer's
/// last look at the clock, a second ago, and a shorter one may be over by then.
const USEFUL: i64 = 1_000_000;

/// Every promise that was broken; empty when all were kept.
pub(crate) fn check(
    remains: &Remains,
    observations: &[Box<dyn Observations>],
    database: &Connection,
) -> rusqlite::Result<Vec<String>> {
    let mut broken = dead::check(remains, database)?;
    let told = observations.iter().flat_map(|protocol| protocol.told());
    let told: HashMap<Uuid, &Told> = told.map(|told| (told.guid.0, told)).collect();
    let effects = Effects::read(database)?;
    for told in told.values() {
        let mut wrong = told_wrong(told, remains.tasks.get(&told.guid.0), remains);
        wrong.extend(effects_wrong(told, remains, &effects));
        broken.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", told.name)));
    }
    for task in remains.tasks.values() {
        let Some(told) = told.get(&task.guid) else {
            if !observations.iter().any(|protocol| protocol.owns(task)) {
                broken.push(format!("task {} is nobody's", task.guid));
            }
            continue;
        };
        let wrong = task_wrong(remains, task, told);
        broken.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", told.name)));
    }
    for protocol in observations {
        broken.extend(protocol.wrong(remains, database)?);
    }
    // In an order of their own, whatever the maps have: a run is the same each time.
    broken.sort_unstable();
    Ok(broken)
}

/// Whether nothing is left to do, by the table of tasks.
pub(crate) fn is_closed(database: &Connection) -> rusqlite::Result<bool> {
    tasks::none(database, "SELECT count(*) AS found FROM tasks WHERE outcome IS NULL")
}

/// A client against the tables.
fn told_wrong(told: &Told, task: Option<&TaskRow>, remains: &Remains) -> Vec<String> {
    let mut wrong: Vec<String> =
        told.strange.iter().map(|strange| format!("was told {strange}")).collect();
    if told.answers.len() > 1 {
        wrong.push(format!("has {} different answers: {:?}", told.answers.len(), told.answers));
    }
    let Some(task) = task else {
        if told.accepted {
            wrong.push("was accepted, but is not kept".into());
        }
        return wrong;
    };
    wrong.extend(denied_wrong(told, task, remains));
    if let Some(answer) = told.answers.first()
        && task.answer.as_deref().map(&told.form).as_ref() != Some(answer)
    {
        wrong.push(format!("was told {answer}, but the books say {:?}", task.answer));
    }
    wrong
}

/// Whatever a task was told but that it is done, the books do not know of it.
fn effects_wrong(told: &Told, remains: &Remains, effects: &Effects) -> Option<String> {
    let task = &told.guid.0;
    let may = remains.is_done(task) || remains.spoilt.contains(task);
    let places = effects.of(task);
    let outcome = || remains.tasks.get(task).and_then(|task| task.outcome.as_deref());
    (!may && !places.is_empty()).then(|| {
        format!("is {:?} (denied: {:?}), and stands in {places:?}", outcome(), told.denied)
    })
}

/// What was denied is not done, then or later.
fn denied_wrong(told: &Told, task: &TaskRow, remains: &Remains) -> Option<String> {
    let holds = match told.denied? {
        Denial::NotAccepted | Denial::Refused => false,
        // By the clock of the database, which may have been set back meanwhile.
        Denial::AfterItsTime => task.is("timeout") || remains.clock_jumped,
    };
    (!holds).then(|| format!("was denied ({:?}), and is {:?}", told.denied, task.outcome))
}

/// What operators have forbidden is not done meanwhile. A clock that jumps says nothing of when that was.
fn forbidden_wrong(remains: &Remains, task: &TaskRow) -> Option<&'static str> {
    if remains.clock_jumped {
        return None;
    }
    let began = remains.answering.get(&task.guid);
    let carried_out = ["done", "refused"].iter().any(|outcome| task.is(outcome));
    let covered = |all: &[Forbidden], moment: i64| {
        all.iter().any(|forbidden| forbidden.covers(task.object, moment))
    };
    if carried_out && began.is_some_and(|began| covered(&remains.paused, *began)) {
        return Some("was carried out while its object was paused");
    }
    // A scheduled task counts as accepted at its own time.
    let by_licence = task.aggregator == 1 && !task.scheduled;
    (by_licence && covered(&remains.unlicensed, task.registered_at))
        .then_some("was accepted from somebody without a licence")
}

/// A task by itself.
fn task_wrong(remains: &Remains, task: &TaskRow, told: &Told) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(answer) = &task.answer else {
        return vec!["has no answer".into()];
    };
    if remains.surely_cancelled.contains(&task.guid) && !task.is("cancelled") {
        wrong.push(format!("is {:?}, and an operator was told that it is cancelled", task.outcome));
    }
    wrong.extend(forbidden_wrong(remains, task).map(str::to_owned));
    if !task.is((told.outcome)(answer)) {
        wrong.push(format!("is {:?} and says {answer}", task.outcome));
    }
    // A clock that jumps in the middle of a transaction proves nothing.
    let late = remains.answering.get(&task.guid).is_some_and(|began| *began > task.deadline);
    if !task.is("timeout") && late && !remains.clock_jumped {
        wrong.push("was carried out after its deadline".into());
    }
    // A scheduled task counts as accepted at its own time.
    let before = task.answered_at.is_some_and(|at| at < task.registered_at);
    if before && !task.is("cancelled") && !remains.clock_jumped {
        wrong.push("was carried out before its time".into());
    }
    if task.is("timeout") {
        let early = task.answered_at.is_some_and(|at| at < task.deadline);
        if early && !remains.clock_jumped {
            wrong.push("was given up before its deadline".into());
        }
        let had_time = task.deadline - task.registered_at >= USEFUL;
        if had_time && task.deadline > remains.mended_at + SOON {
            wrong.push("timed out, though nothing was in its way any more".into());
        }
    }
    wrong
}
