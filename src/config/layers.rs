//! Reads the layers. What a file, a variable or a flag says stays as it is written: the type of the setting
//! decides how it is read, never the look of the value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat, Value, ValueKind};

use super::files::{named_files, no_text};
use super::misread::misread;
use super::named::{PREFIX, at, names_in, variable};
use super::origin::Origin;
use super::otel_variables::OtelVariables;
use super::protocol::{SectionReader, Sections};
use super::sections::SECTIONS;
use super::strict::{Problem, Strict};
use super::{DEFAULTS, Settings, SettingsError};

/// Settings that are URLs. No URL has white space at its ends, and a secret that was written to a file often
/// has a line feed: it is left out, and the log says so.
const URLS: [&str; 2] = ["store.database_url", "amqp.url"];

/// What was set where.
#[derive(Debug)]
pub struct Layers {
    defaults: Value,
    /// Later ones win.
    files: Vec<(PathBuf, Value)>,
    variables: BTreeMap<String, String>,
    /// Below ours.
    otel: OtelVariables,
    flags: Vec<(String, String)>,
    /// All of them together.
    root: Value,
}

impl Layers {
    /// Reads them, with the variables of this process.
    pub fn load(file: Option<&Path>, flags: &[(&str, String)]) -> Result<Layers, SettingsError> {
        Layers::read(file, flags, std::env::vars_os())
    }

    /// Reads them: the defaults, `config/<environment>.toml`, the file that `file` or else `WSA_CONFIG` names, variables,
    /// and flags, which are `(section.key, value)`.
    pub(super) fn read(
        file: Option<&Path>,
        flags: &[(&str, String)],
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Layers, SettingsError> {
        let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        let mut layers = defaults.clone();
        let defaults = defaults.build()?.cache;
        let variables: Vec<_> = variables.collect();
        let otel = OtelVariables::of(&variables);
        let mut files = Vec::new();
        for named in named_files(file, &variables)? {
            let text = named.read()?;
            let source = File::from_str(&text, FileFormat::Toml);
            let read = Config::builder().add_source(source.clone()).build();
            files.push((named.path.clone(), read.map_err(|error| named.no_toml(&error))?.cache));
            layers = layers.add_source(source);
        }
        let variables = named(variables)?;
        are_spelled(&variables, &defaults)?;
        let variables: BTreeMap<_, _> =
            variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        let source = Environment::with_prefix("WSA").prefix_separator("__").separator("__");
        layers = layers.add_source(source.clone().source(Some(otel.settings().collect())));
        let all = variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        layers = layers.add_source(source.source(Some(all.collect())));
        for (name, value) in flags {
            layers = layers.set_override(*name, value.clone())?;
        }
        let root = layers.build()?.cache;
        let layers = Layers { defaults, files, variables, otel, flags: Vec::new(), root };
        if layers.traces() {
            layers.otel.check()?;
        }
        let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Layers { flags, ..layers })
    }

    /// Whether anything is traced.
    fn traces(&self) -> bool {
        let endpoint = at(&self.root, "otel.endpoint").map(|value| &value.kind);
        matches!(endpoint, Some(ValueKind::String(text)) if !text.is_empty())
    }

    /// The settings of all layers together, not checked against rules yet.
    pub(super) fn settings(&self, readers: &[SectionReader]) -> Result<Settings, SettingsError> {
        let mut read = settings(self.root.clone(), readers)?;
        if self.traces() {
            read.notes.extend(self.otel.notes());
        }
        Ok(read)
    }

    /// Where a setting or a section gets its value.
    pub fn origin(&self, name: &str) -> Origin {
        if self.flags.iter().any(|(flag, _)| flag == name) {
            return Origin::Flag(name.to_owned());
        }
        let variable = variable(name);
        let below = format!("{variable}__");
        let variables = || self.variables.keys();
        if let Some(found) = variables().find(|set| **set == variable || set.starts_with(&below)) {
            return Origin::Variable(found.clone());
        }
        if let Some(name) = self.otel.origin(name) {
            return Origin::Variable(name.to_owned());
        }
        let file = self.files.iter().rev().find(|(_, values)| at(values, name).is_some());
        file.map_or(Origin::Default, |(path, _)| Origin::File(path.clone()))
    }

    /// The value of a setting, as the layers give it.
    pub fn value(&self, name: &str) -> Option<&Value> {
        at(&self.root, name)
    }

    /// The default of a setting.
    pub fn default_of(&self, name: &str) -> Option<&Value> {
        at(&self.defaults, name)
    }

    /// The names of all that is set in any layer, known or not, `section.key`.
    pub fn names(&self) -> Vec<String> {
        names_in(&self.root)
    }

    /// These layers with no other setting than this one beside the defaults.
    pub(super) fn alone(&self, name: &str) -> Result<Value, SettingsError> {
        let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        let value = at(&self.root, name).cloned().unwrap_or_else(|| ValueKind::Nil.into());
        Ok(defaults.set_override(name, value)?.build()?.cache)
    }
}

/// The settings of all layers together.
pub(super) fn settings(
    mut root: Value,
    readers: &[SectionReader],
) -> Result<Settings, SettingsError> {
    let of_protocols = readers
        .iter()
        .flat_map(|section| section.urls.iter().map(move |url| format!("{}.{url}", section.name)));
    let urls: Vec<String> = URLS.map(str::to_owned).into_iter().chain(of_protocols).collect();
    let notes = urls.iter().filter_map(|name| trim(&mut root, name)).collect();
    are_known(&root, readers)?;
    let sections = Sections::take(&mut root, readers)?;
    let read: Result<Settings, _> = serde_path_to_error::deserialize(Strict(root.clone()));
    let settings = read.map_err(|error| {
        let name = error.path().to_string();
        let value = at(&root, &name).cloned();
        misread(name, error.into_inner(), value.as_ref())
    })?;
    Ok(Settings { notes, sections, ..settings })
}

/// Whether each section is one of the program or of a protocol.
fn are_known(root: &Value, readers: &[SectionReader]) -> Result<(), SettingsError> {
    let ValueKind::Table(all) = &root.kind else { return Ok(()) };
    let known = || SECTIONS.into_iter().chain(readers.iter().map(|section| section.name));
    match all.keys().find(|name| !known().any(|section| section == *name)) {
        Some(name) => Err(misread(name.clone(), Problem::Unknown(known().collect()), None)),
        None => Ok(()),
    }
}

/// The variables that are ours, in upper case.
fn named(variables: Vec<(OsString, OsString)>) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut named = BTreeMap::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().map(str::to_uppercase) else { continue };
        if !name.starts_with("WSA_") {
            continue;
        }
        // An error would show the value, which may be a secret.
        let value = match value.into_string() {
            Ok(value) => value,
            Err(_) if name.starts_with(PREFIX) => return Err(no_text(&name)),
            Err(_) => continue,
        };
        if named.insert(name.clone(), value).is_some() && name.starts_with(PREFIX) {
            return Err(SettingsError::Variable {
                name,
                problem: "is there twice, in upper and lower case: set one".into(),
            });
        }
    }
    Ok(named)
}

/// Whether no variable is a setting but for the number of underscores, which would be passed over.
fn are_spelled(
    variables: &BTreeMap<String, String>,
    defaults: &Value,
) -> Result<(), SettingsError> {
    let bare = |name: &str| name.replace('_', "");
    let settings: BTreeMap<String, String> =
        names_in(defaults).iter().map(|name| variable(name)).map(|v| (bare(&v), v)).collect();
    let meant = |name: &String| settings.get(&bare(name)).filter(|meant| *meant != name);
    match variables.keys().find_map(|name| Some((name, meant(name)?))) {
        Some((name, meant)) => Err(SettingsError::Variable {
            name: name.clone(),
            problem: format!("is not a setting: did you mean {meant}?"),
        }),
        None => Ok(()),
    }
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

#[cfg(test)]
mod tests;
