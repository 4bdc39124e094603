//! Reads the layers. What a file, a variable or a flag says stays as it is written: the type of the setting
//! decides how it is read, never the look of the value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat, Value, ValueKind};

use super::explain::misread;
use super::origin::Origin;
use super::protocol::{SectionReader, Sections};
use super::sections::SECTIONS;
use super::strict::{Problem, Strict};
use super::{DEFAULTS, Settings, SettingsError};

/// What the names of variables begin with.
const PREFIX: &str = "WSA__";
/// The variable that names a file of `config/`.
const ENVIRONMENT: &str = "WSA_ENVIRONMENT";
/// The variable that names a file of settings.
const FILE: &str = "WSA_CONFIG";
/// The flag that does.
const FILE_FLAG: &str = "--config";
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
        let all = variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        layers = layers.add_source(source.source(Some(all.collect())));
        for (name, value) in flags {
            layers = layers.set_override(*name, value.clone())?;
        }
        let root = layers.build()?.cache;
        let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Layers { defaults, files, variables, flags, root })
    }

    /// The settings of all layers together, not checked against rules yet.
    pub(super) fn settings(&self, readers: &[SectionReader]) -> Result<Settings, SettingsError> {
        settings(self.root.clone(), readers)
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

/// The variable of a setting.
pub(super) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "__").to_uppercase())
}

/// What stands at `section.key`.
pub(super) fn at<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(root, |value, key| match &value.kind {
        ValueKind::Table(table) => table.get(key),
        _ => None,
    })
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

/// A file of settings that somebody names.
struct Named {
    path: PathBuf,
    /// By what, as a sentence has it.
    by: String,
}

/// The files of settings, later ones win.
fn named_files(
    file: Option<&Path>,
    variables: &[(OsString, OsString)],
) -> Result<Vec<Named>, SettingsError> {
    let mut files = Vec::new();
    if let Some(environment) = text_of(ENVIRONMENT, variables)? {
        let path = PathBuf::from(format!("config/{environment}.toml"));
        files.push(Named { path, by: format!("{ENVIRONMENT}={environment}") });
    }
    let by_variable = text_of(FILE, variables)?.map(|path| (PathBuf::from(path), FILE));
    if let Some((path, by)) = file.map(|path| (path.to_owned(), FILE_FLAG)).or(by_variable) {
        files.push(Named { path, by: by.to_owned() });
    }
    Ok(files)
}

impl Named {
    fn read(&self) -> Result<String, SettingsError> {
        std::fs::read_to_string(&self.path).map_err(|error| {
            let remedy = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    let here = std::env::current_dir().unwrap_or_default();
                    format!(
                        "there is none, seen from {}: create it, for example with the lines \
                         [log] and format = \"json\", or name none",
                        here.display()
                    )
                }
                _ => format!("it cannot be read: {error}"),
            };
            SettingsError::File { path: self.path.clone(), by: self.by.clone(), problem: remedy }
        })
    }

    fn no_toml(&self, error: &config::ConfigError) -> SettingsError {
        let problem = format!(
            "it is not TOML, such as [worker] and below it batch = 128: {}",
            error.to_string().trim_end()
        );
        SettingsError::File { path: self.path.clone(), by: self.by.clone(), problem }
    }
}

/// A variable; an empty one names nothing.
fn text_of<'a>(
    wanted: &str,
    variables: &'a [(OsString, OsString)],
) -> Result<Option<&'a str>, SettingsError> {
    let Some((_, value)) = variables.iter().find(|(name, _)| name == wanted) else {
        return Ok(None);
    };
    let value = value.to_str().ok_or_else(|| no_text(wanted))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
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

/// The names of all values in a table, `section.key`, in the order of the alphabet.
fn names_in(root: &Value) -> Vec<String> {
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
    below("", root, &mut names);
    names.sort();
    names
}

impl Settings {
    /// The names of all settings, `section.key`, in the order of the alphabet.
    pub fn names() -> Vec<String> {
        let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        defaults.build().map(|defaults| names_in(&defaults.cache)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
