//! Who acts through a command, and why: what is written in a store that is opened within it is entered in the journal, in
//! the same transaction.

mod changes;

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value, json};

use crate::callback::url::without_values;
use crate::config::Settings;
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via};

tokio::task_local! {
    static CONDUCT: Conduct;
}

/// A command, as it stands in the journal.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Who runs it.
    pub actor: Actor,
    /// What it is.
    pub act: Act,
    /// Where it is done; `None`: where its flags and the settings say.
    pub place: Option<Place>,
}

/// A process that a command is carried out in.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its settings.
    pub settings: Settings,
    /// Its store.
    pub store: Store,
}

impl Conduct {
    /// Does something as this.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CONDUCT.scope(self, work).await
    }
}

/// Who acts now, and why as it was said. Outside of a command: the program itself.
pub fn now() -> (Actor, Option<String>) {
    let conduct = CONDUCT.try_with(|conduct| (conduct.actor.clone(), conduct.act.reason.clone()));
    conduct.unwrap_or_else(|_| (Actor { who: "wsa".to_owned(), role: None, via: Via::Cli }, None))
}

/// The store, whose changes are entered in the journal while somebody acts.
pub(super) fn recorded(store: Store) -> Store {
    match CONDUCT.try_with(Clone::clone) {
        Ok(Conduct { actor, act, .. }) => store.recorded_with_changes(actor, act, changes::entered),
        Err(_) => store,
    }
}

/// What is never entered: where the store is, and for whom it is printed.
const LEFT_OUT: [&str; 6] = ["database_url", "amqp_url", "data_dir", "json", "ops", "color"];
/// Parts of names whose values are secret.
const SECRET: [&str; 4] = ["password", "secret", "token", "salt"];
/// What a command is about, the first that it names.
const SUBJECTS: [&str; 12] = [
    "login",
    "name",
    "id",
    "guid",
    "object",
    "callback",
    "aggregator",
    "event",
    "partner",
    "reseller",
    "provider",
    "code",
];

/// What a command is, for the journal: its words, and its arguments without what is secret.
pub fn act(words: &str, matches: &ArgMatches, reason: Option<String>) -> Act {
    let mut arguments = arguments(matches);
    // Why it is done has a place of its own.
    arguments.remove(if words.starts_with("admin") { "reason" } else { "why" });
    let subject = SUBJECTS.iter().find_map(|name| arguments.get(*name));
    let subject = match subject {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    Act {
        action: words.to_owned(),
        subject_kind: words.split(' ').nth(1).unwrap_or(words).to_owned(),
        subject,
        reason,
        before: None,
        after: Some(Value::Object(arguments).to_string()),
    }
}

/// What was said on the command line, by name, without what is secret.
fn arguments(matches: &ArgMatches) -> Map<String, Value> {
    let ids = matches.ids().map(|id| id.as_str());
    let said = |id: &&str| {
        let source = matches.value_source(id);
        !LEFT_OUT.contains(id) && source == Some(ValueSource::CommandLine)
    };
    let value = |id: &str| {
        if SECRET.iter().any(|part| id.contains(part)) {
            return json!("***");
        }
        let raw = matches.try_get_raw(id).ok().flatten();
        // The query of a URL may hold a secret.
        let texts = raw.into_iter().flatten().map(|text| match text.to_string_lossy() {
            text if text.contains("://") => without_values(&text),
            text => text.into_owned(),
        });
        match &*texts.map(Value::from).collect::<Vec<_>>() {
            [] => Value::Bool(true),
            [one] => one.clone(),
            all => Value::from(all),
        }
    };
    // A group has the ids of its members as values: it is no argument.
    let is_argument = |id: &&str| matches.try_get_one::<clap::Id>(id).is_err();
    ids.filter(said).filter(is_argument).map(|id| (id.to_owned(), value(id))).collect()
}

/// Where whoever acts does it, when that is a process that runs.
pub(super) fn place() -> Option<Place> {
    CONDUCT.try_with(|conduct| conduct.place.clone()).ok().flatten()
}
