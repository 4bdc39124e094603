//! The settings as a whole, with the sections of all protocols.

use std::path::Path;

use super::layers::Layers;
use super::named::variable;
use super::{Settings, SettingsError};
use crate::protocols::ALL;

#[test]
fn the_defaults_are_right() {
    let settings = ALL.settings(&[]).unwrap();
    assert_eq!(settings.tasks.timeout_s, 120);
    assert!(settings.database_url().is_none() && settings.amqp().is_none());
}

#[test]
fn a_wrong_setting_is_named_with_its_value_and_its_rule() {
    for (name, value, message) in [
        ("worker.batch", "0", "the setting worker.batch is 0: it must be from 1 to 4096"),
        ("amqp.url", "http://u:secret@h", "the setting amqp.url is http://…: it must be"),
        ("worker.batch", "many", "worker.batch"),
        ("worker.batches", "1", "batches"),
        ("log.format", "xml", "log.format"),
        ("callbacks.timeout_ms", "0", "the setting callbacks.timeout_ms is 0: it must be from 100"),
        ("callbacks.retry_after_s", "5,-1", "the pause -1 must be from 0 to 604800 seconds"),
    ] {
        let error = ALL.settings(&[(name, value.into())]).unwrap_err().to_string();
        assert!(error.contains(message), "{name}={value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

/// Values that are wrong for a setting whose default looks so.
fn wrong_values(name: &str, layers: &Layers) -> Vec<&'static str> {
    use config::ValueKind;
    match (&layers.default_of(name).unwrap().kind, name) {
        (ValueKind::Boolean(_), _) => vec!["perhaps", ""],
        (ValueKind::I64(_), _) => vec!["many", "-1", "1.5", "99999999999999999999", ""],
        (ValueKind::Array(_), _) => vec!["5;6", "-1"],
        // Any text is a path. That one cannot be used is found when it is.
        (_, "store.data_dir") => vec![],
        (_, "http.listen") => vec!["8080", "localhost:8080", ""],
        (_, "ops.listen") => vec!["8081", ""],
        (_, "ops.trusted_header") => vec!["a b"],
        (_, "ops.trusted_proxies") => vec!["here"],
        (_, "store.database_url") => vec!["hunter2", "mysql://u:hunter2@h/db"],
        (_, "amqp.url") => vec!["hunter2", "http://u:hunter2@h"],
        (_, "amqp.prefix") => vec!["a b", ""],
        (_, "log.filter") => vec!["wsa=loud"],
        (_, "otel.endpoint") => vec!["collector:4318", "ftp://h", "http://u:hunter2@h"],
        (_, "otel.headers") => vec!["hunter2", "a b=hunter2"],
        (_, "otel.resource_attributes") => vec!["none of them"],
        (_, "otel.sample_ratio") => vec!["many", "1.5", "-1", ""],
        // Any text is a name.
        (_, "otel.service_name") => vec![],
        (_, "billmanager.host") => vec!["billing.example.com", "ftp://h"],
        // Of a pair it is the other one that is missed.
        (_, name) if name.ends_with(".certificate") || name.ends_with(".key") => vec![],
        (_, name) if name.contains(".tls.") => vec!["/none/file.pem"],
        _ => vec!["none of them", ""],
    }
}

/// The same in each way in which a setting is set, and what the way is called.
fn in_each_way(name: &str, value: &str, directory: &Path) -> [(String, Option<SettingsError>); 3] {
    let sections = ALL.sections();
    let file = directory.join("wsa.toml");
    let (section, key) = name.rsplit_once('.').unwrap();
    std::fs::write(&file, format!("[{section}]\n{key} = {value:?}")).unwrap();
    let variables = [(variable(name).into(), value.into())];
    let flags = [(name, value.to_owned())];
    let none = std::iter::empty;
    let of = |layers: Result<Layers, SettingsError>| Settings::of(&layers.unwrap(), &sections);
    [
        ("the file ".to_owned(), of(Layers::read(Some(&file), &[], none())).err()),
        (variable(name), of(Layers::read(None, &[], variables.into_iter())).err()),
        ("the flag --".to_owned(), of(Layers::read(None, &flags, none())).err()),
    ]
}

/// What is missing from an error, if anything.
fn missing(name: &str, value: &str, way: &str, told: &str) -> Option<String> {
    let shown = match value {
        "" => "empty",
        secret if secret.contains("hunter2") => "",
        value => value,
    };
    let begin = format!("the setting {name} is ");
    let parts = [&*begin, shown, "must", "; for example ", "(it comes from ", way];
    let absent = parts.iter().find(|part| !told.contains(**part));
    let leaked = told.contains("hunter2").then_some(&"less");
    absent.or(leaked).map(|part| format!("{name} = {value:?}: {part:?} is not in: {told}"))
}

#[test]
fn every_wrong_value_is_told_with_its_name_its_rule_an_example_and_where_it_comes_from() {
    let layers = Layers::read(None, &[], std::iter::empty()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for name in Settings::names() {
        for value in wrong_values(&name, &layers) {
            for (way, told) in in_each_way(&name, value, directory.path()) {
                tried += 1;
                let told = told.map_or_else(|| "nothing".to_owned(), |error| error.to_string());
                wrong.extend(missing(&name, value, &way, &told));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 600, "{tried}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let variables = [
        ("WSA__WORKER__BATCH", "many"),
        ("WSA__WORKER__LANE", "2"),
        ("WSA__HTTP__LISTEN", "8080"),
        ("WSA__TASKS__TIMEOUT_S", "0"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let layers = Layers::read(None, &[], variables.into_iter()).unwrap();
    let told: Vec<String> =
        Settings::problems(&layers, &ALL.sections()).iter().map(ToString::to_string).collect();
    for name in ["worker.batch", "worker.lane", "http.listen"] {
        let begins = format!("the setting {name} ");
        assert!(told.iter().any(|told| told.starts_with(&begins)), "{told:#?}");
    }
    assert_eq!(told.len(), 3, "{told:#?}");
}

#[test]
fn the_example_of_every_setting_is_right() {
    let layers = Layers::read(None, &[], std::iter::empty()).unwrap();
    for name in Settings::names() {
        let example = super::explain::example_of(&name, &layers, &ALL.sections());
        let example = example.unwrap_or_else(|| panic!("{name} has no example"));
        assert!(example != "\"\"", "{name} has an empty example");
    }
}
