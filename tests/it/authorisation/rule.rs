//! The rule, and how a door is held against it.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use wsa::domain::task::ObjectId;

use super::callers::Caller;

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Who are you?
    Unknown,
    /// There is no such thing, as far as you are told.
    Hidden,
    /// You may look, and not touch.
    Forbidden,
    /// What was asked for, or a refusal that only who may ask for it gets.
    Served,
}

/// An answer, as far as it matters here.
#[derive(Debug)]
pub struct Answer {
    pub verdict: Verdict,
    /// All of it that the caller sees, without guids.
    pub text: String,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    pub name: &'static str,
    /// Whether it changes something.
    pub writes: bool,
}

/// One protocol over one transport.
pub trait Door {
    /// Whether this door opens for that kind of caller at all.
    fn knows(&self, caller: &Caller) -> bool;
    /// What there is behind it; the last one does not exist.
    fn objects(&self) -> Vec<ObjectId>;
    fn tasks(&self) -> Vec<Task>;
    /// How many may knock at the same time.
    fn at_once(&self) -> usize {
        1
    }
    /// Asks, and waits for the answer.
    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer;
}

/// The rule: the same for every door.
fn rule(door: &impl Door, caller: &Caller, object: ObjectId, task: Task) -> Verdict {
    match () {
        () if !door.knows(caller) => Verdict::Unknown,
        () if !caller.reaches.contains(&object) => Verdict::Hidden,
        () if task.writes && !caller.writes => Verdict::Forbidden,
        () => Verdict::Served,
    }
}

/// Tries every caller with every task at every object; gives how many of each verdict there were.
pub async fn hold(door: &impl Door, callers: &[Caller]) -> BTreeMap<String, usize> {
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::new());
    let (tasks, objects) = (door.tasks(), door.objects());
    let asked = callers.iter().flat_map(|caller| tasks.iter().map(move |task| (caller, *task)));
    let cells = asked.clone().flat_map(|(caller, task)| {
        objects.iter().map(move |object| door.knock(caller, *object, task))
    });
    let answers: Vec<_> = stream::iter(cells).buffered(door.at_once()).collect().await;
    for ((caller, task), answers) in asked.zip(answers.chunks(objects.len())) {
        let mut hidden = BTreeMap::new();
        for (&object, answer) in objects.iter().zip(answers) {
            let right = rule(door, caller, object, task);
            *counts.entry(format!("{right:?}")).or_insert(0) += 1;
            if answer.verdict != right {
                let case = format!("{} {} at {object}", caller.name, task.name);
                wrong.push(format!("{case}: {answer:?} instead of {right:?}"));
            }
            if matches!(right, Verdict::Hidden | Verdict::Unknown) {
                hidden.entry(without(&answer.text, object)).or_insert(object);
            }
        }
        // What does not exist is among the objects: whatever is hidden looks like that.
        if hidden.len() > 1 {
            wrong.push(format!("{} {}: told apart: {hidden:#?}", caller.name, task.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    counts
}

/// A text without the object's number, where it stands as such.
fn without(text: &str, object: ObjectId) -> String {
    let named = [format!("\"objectId\":{object}"), format!("object {object}")];
    named.iter().fold(text.to_owned(), |text, named| text.replace(named, "OBJECT"))
}
