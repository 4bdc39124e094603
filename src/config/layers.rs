//! Reads the layers. What a file, a variable or a flag says stays as it is written: the type of the setting
//! decides how it is read, never the look of the value.

use std::collections::BTreeMap;
use std::ffi::OsString;

use config::{Config, Environment, File, FileFormat, Value, ValueKind};

use super::protocol::{SectionReader, Sections};
use super::sections::SECTIONS;
use super::strict::Strict;
use super::{DEFAULTS, Settings, SettingsError};

/// What the names of variables begin with.
const PREFIX: &str = "WSA__";
/// Settings that are URLs. No URL has white space at its ends, and a secret that was written to a file often
/// has a line feed: it is left out, and the log says so.
const URLS: [&str; 2] = ["store.database_url", "amqp.url"];

/// The settings of all layers, later ones first, not checked against rules yet.
pub(super) fn read(
    readers: &[SectionReader],
    flags: &[(&str, String)],
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Settings, SettingsError> {
    let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    let variables: Vec<_> = variables.collect();
    if let Some(environment) = environment(&variables)? {
        layers = layers.add_source(File::with_name(&format!("config/{environment}")));
    }
    let named = named(variables)?;
    let source = Environment::with_prefix("WSA").prefix_separator("__").separator("__");
    layers = layers.add_source(source.source(Some(named.into_iter().collect())));
    for (name, value) in flags {
        layers = layers.set_override(*name, value.clone())?;
    }
    settings(layers.build()?.cache, readers)
}

/// The settings of all layers together.
fn settings(mut root: Value, readers: &[SectionReader]) -> Result<Settings, SettingsError> {
    let of_protocols = readers
        .iter()
        .flat_map(|section| section.urls.iter().map(move |url| format!("{}.{url}", section.name)));
    let urls: Vec<String> = URLS.map(str::to_owned).into_iter().chain(of_protocols).collect();
    let notes = urls.iter().filter_map(|name| trim(&mut root, name)).collect();
    are_known(&root, readers)?;
    let sections = Sections::take(&mut root, readers)?;
    let read: Result<Settings, _> = serde_path_to_error::deserialize(Strict(root));
    let settings = read.map_err(|error| SettingsError::Misread {
        name: error.path().to_string(),
        problem: error.into_inner().0,
    })?;
    Ok(Settings { notes, sections, ..settings })
}

/// Whether each section is one of the program or of a protocol.
fn are_known(root: &Value, readers: &[SectionReader]) -> Result<(), SettingsError> {
    let ValueKind::Table(all) = &root.kind else { return Ok(()) };
    let known = || SECTIONS.into_iter().chain(readers.iter().map(|section| section.name));
    match all.keys().find(|name| !known().any(|section| section == *name)) {
        Some(name) => Err(SettingsError::Misread {
            name: name.clone(),
            problem: format!(
                "does not exist: there are {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        }),
        None => Ok(()),
    }
}

/// `WSA_ENVIRONMENT`; an empty one names none.
fn environment(variables: &[(OsString, OsString)]) -> Result<Option<&str>, SettingsError> {
    let Some((_, value)) = variables.iter().find(|(name, _)| name == "WSA_ENVIRONMENT") else {
        return Ok(None);
    };
    let value = value.to_str().ok_or_else(|| no_text("WSA_ENVIRONMENT"))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The variables that are settings.
fn named(variables: Vec<(OsString, OsString)>) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut named = BTreeMap::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().map(str::to_uppercase) else { continue };
        if !name.starts_with(PREFIX) {
            continue;
        }
        // An error would show the value, which may be a secret.
        let value = value.into_string().map_err(|_| no_text(&name))?;
        if named.insert(name.clone(), value).is_some() {
            return Err(SettingsError::Variable {
                name,
                problem: "is there twice, in upper and lower case".into(),
            });
        }
    }
    Ok(named)
}

fn no_text(name: &str) -> SettingsError {
    SettingsError::Variable { name: name.to_owned(), problem: "is no text in UTF-8".into() }
}

/// Takes white space off the ends of a text, and says so.
fn trim(root: &mut Value, name: &str) -> Option<String> {
    let mut value = root;
    for key in name.split('.') {
        let ValueKind::Table(table) = &mut value.kind else { return None };
        value = table.get_mut(key)?;
    }
    let ValueKind::String(text) = &mut value.kind else { return None };
    let trimmed = text.trim();
    if trimmed.len() == text.len() {
        return None;
    }
    *text = trimmed.to_owned();
    Some(format!(
        "the setting {name} has white space at an end, a line feed perhaps: it is left out"
    ))
}

impl Settings {
    /// The names of all settings, `section.key`, in the order of the defaults.
    pub fn names() -> Vec<String> {
        fn below(prefix: &str, value: &Value, names: &mut Vec<String>) {
            match &value.kind {
                ValueKind::Table(table) => {
                    for (key, value) in table {
                        let dot = if prefix.is_empty() { "" } else { "." };
                        below(&format!("{prefix}{dot}{key}"), value, names);
                    }
                }
                _ => names.push(prefix.to_owned()),
            }
        }
        let mut names = Vec::new();
        let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Ok(defaults) = defaults.build() {
            below("", &defaults.cache, &mut names);
        }
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests;
