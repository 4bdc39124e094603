//! Errors that say what to do: where the value comes from, what would be right, and which name was meant.

use config::{Value, ValueKind};

use super::layers::Layers;
use super::strict::{Problem, shown};
use super::{Settings, SettingsError};

/// Settings that hold a password: their values are never shown.
const SECRETS: [&str; 2] = ["store.database_url", "amqp.url"];

/// What would be right where the default is empty, as a file has it.
const EXAMPLES: [(&str, &str); 14] = [
    ("store.database_url", "\"postgres://wsa:password@db.example:5432/wsa\""),
    ("amqp.url", "\"amqp://wsa:password@mq.example:5672/%2f\""),
    ("http.tls.certificate", "\"/etc/wsa/tls/server.pem\""),
    ("http.tls.key", "\"/etc/wsa/tls/server.key\""),
    ("http.tls.client_ca", "\"/etc/wsa/tls/clients.pem\""),
    ("store.tls.ca", "\"/etc/wsa/tls/ca.pem\""),
    ("store.tls.certificate", "\"/etc/wsa/tls/client.pem\""),
    ("store.tls.key", "\"/etc/wsa/tls/client.key\""),
    ("amqp.tls.ca", "\"/etc/wsa/tls/ca.pem\""),
    ("amqp.tls.certificate", "\"/etc/wsa/tls/client.pem\""),
    ("amqp.tls.key", "\"/etc/wsa/tls/client.key\""),
    ("billmanager.host", "\"https://billing.example.com\""),
    ("ops.trusted_proxies", "\"127.0.0.1, 10.0.0.0/8\""),
    ("ops.trusted_header", "\"X-Forwarded-User\""),
];

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

/// The same error, with what would be right and where the value comes from.
pub(super) fn explain(error: SettingsError, layers: &Layers) -> SettingsError {
    let message = error.to_string();
    let named = message.strip_prefix("the setting ").and_then(|rest| rest.split(' ').next());
    let Some(name) = named else { return error };
    let origin = layers.origin(name);
    let example = match error {
        SettingsError::Unknown { .. } => None,
        _ => example_of(name, layers).map(|value| origin.written(name, &value)),
    };
    let example = example.map_or_else(String::new, |example| format!("; for example {example}"));
    SettingsError::Explained { error: Box::new(error), example, origin }
}

/// A value that is right, as a file has it.
pub(super) fn example_of(name: &str, layers: &Layers) -> Option<String> {
    let listed = EXAMPLES.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned());
    listed.or_else(|| {
        let default = layers.default_of(name)?;
        (!matches!(default.kind, ValueKind::Table(_))).then(|| as_in_a_file(default))
    })
}
