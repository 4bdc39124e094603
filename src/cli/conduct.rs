//! What a command of an operator's is, for the journal.

use clap::{Arg, ArgMatches, Command, parser::ValueSource};
use nix::unistd::{User, geteuid};
use serde_json::{Map, Value, json};

use crate::engine::store::journal::{Act, Actor, Via};
use crate::surface::conduct::Conduct;

/// The commands whose changes are entered in the journal, and the flag that says why. (Dead letters have reasons of their
/// own.)
const ENTERED: [(&str, &str); 2] = [("admin", "reason"), ("dead", "why")];

/// What is never entered: where the store is, and for whom it is printed.
const LEFT_OUT: [&str; 5] = ["database_url", "amqp_url", "data_dir", "json", "why"];
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

/// The commands, with `--reason` for those that the journal has.
pub(super) fn with_reasons(command: Command) -> Command {
    ENTERED.iter().fold(command, |command, (name, flag)| {
        command.mut_subcommand(name, |command| {
            command.arg(
                Arg::new(*flag)
                    .long(*flag)
                    .value_name("TEXT")
                    .global(true)
                    .help("Why: what the journal says of it"),
            )
        })
    })
}

/// What the journal says of this command; `None`: it has no entries.
pub(super) fn of(matches: &ArgMatches) -> Option<Conduct> {
    let (name, _) = matches.subcommand()?;
    let (_, flag) = ENTERED.iter().find(|(entered, _)| *entered == name)?;
    let (mut words, mut last) = (Vec::new(), matches);
    while let Some((name, below)) = last.subcommand() {
        words.push(name);
        last = below;
    }
    let mut arguments = arguments(last);
    if *flag == "reason" {
        arguments.remove("reason");
    }
    let subject = SUBJECTS.iter().find_map(|name| arguments.get(*name));
    let subject = match subject {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let reason = last.try_get_one::<String>(flag).ok().flatten().cloned();
    let act = Act {
        action: words.join(" "),
        subject_kind: words.get(1).copied().unwrap_or(name).to_owned(),
        subject,
        reason,
        before: None,
        after: Some(Value::Object(arguments).to_string()),
    };
    Some(Conduct { actor: Actor { who: user(), role: None, via: Via::Cli }, act })
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
        let texts = raw.into_iter().flatten().map(|text| text.to_string_lossy());
        match &*texts.map(Value::from).collect::<Vec<_>>() {
            [] => Value::Bool(true),
            [one] => one.clone(),
            all => Value::from(all),
        }
    };
    // A group has the names of its members as values: it is no argument.
    let is_argument = |id: &&str| matches.try_get_raw(id).is_ok();
    ids.filter(said).filter(is_argument).map(|id| (id.to_owned(), value(id))).collect()
}

/// The user of the system that runs this process.
fn user() -> String {
    let id = geteuid();
    match User::from_uid(id) {
        Ok(Some(user)) => user.name,
        _ => format!("uid {id}"),
    }
}
