//! What is wrong with the form of a value, and which name was meant.

use config::{Value, ValueKind};

use super::strict::{Problem, shown};
use super::{Settings, SettingsError};

/// Settings that hold a password: their values are never shown.
const SECRETS: [&str; 3] = ["store.database_url", "amqp.url", "otel.headers"];

/// How like each other two names must be, from 0 to 1, for one to be taken for the other misspelled.
const ALIKE: f64 = 0.8;

/// Whether the values of a setting may be shown.
pub(super) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// A value of the wrong form.
pub(super) fn misread(name: String, problem: Problem, value: Option<&Value>) -> SettingsError {
    let problem = match problem {
        Problem::Unknown(known) => {
            let meant =
                nearest(&name).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
            let problem = format!("does not exist: {meant}There are {}", known.join(", "));
            return SettingsError::Unknown { name, problem };
        }
        Problem::Rule(rule) => match value.filter(|_| !is_secret(&name)) {
            Some(value) => format!("is {}: {rule}", as_found(value)),
            None => format!("is wrong: {rule}"),
        },
        Problem::Told(problem) => problem,
    };
    SettingsError::Misread { name, problem }
}

fn as_found(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => shown(text),
        ValueKind::Table(_) => "a section".to_owned(),
        _ => as_in_a_file(value),
    }
}

/// A value as a file has it.
pub(super) fn as_in_a_file(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(list) => {
            let values: Vec<String> = list.iter().map(as_in_a_file).collect();
            format!("[{}]", values.join(", "))
        }
        other => other.to_string(),
    }
}

/// The setting or section whose name is most like this one.
fn nearest(name: &str) -> Option<String> {
    let names = Settings::names();
    let sections =
        names.iter().filter_map(|name| name.rsplit_once('.')).map(|(section, _)| section);
    let known: Vec<&str> = match name.contains('.') {
        true => names.iter().map(String::as_str).collect(),
        false => sections.collect(),
    };
    let likeness = |known: &str| strsim::jaro_winkler(name, known);
    let best = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) >= ALIKE).then(|| best.to_owned())
}
