//! The sections of protocols: each protocol declares its own, and reads it by its type.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use config::{Value, ValueKind};
use serde::de::DeserializeOwned;

use super::SettingsError;
use super::misread::misread;
use super::named::at;
use super::strict::Strict;

/// The settings of a protocol. Units and meanings stand in `config/default.toml`.
pub trait Section: DeserializeOwned + fmt::Debug + Any + Send + Sync {
    /// The name of the section.
    const NAME: &'static str;

    /// Its settings that are URLs: white space at their ends is left out, and the log says so.
    const URLS: &'static [&'static str] = &[];

    /// What would be right where the default is empty, as a file has it: the key, and the value.
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[];

    /// Whether the values follow their rules.
    fn check(&self) -> Result<(), SettingsError>;
}

type Read = Arc<dyn Any + Send + Sync>;

/// How a section is read, whatever its type is.
#[derive(Debug, Clone, Copy)]
pub struct SectionReader {
    pub(super) name: &'static str,
    pub(super) urls: &'static [&'static str],
    examples: &'static [(&'static str, &'static str)],
    read: fn(Value) -> Result<Read, SettingsError>,
}

impl SectionReader {
    /// The reader of this section.
    pub const fn of<S: Section>() -> SectionReader {
        SectionReader { name: S::NAME, urls: S::URLS, examples: S::EXAMPLES, read: read::<S> }
    }

    /// What would be right for one of its settings.
    pub(super) fn example(&self, name: &str) -> Option<&'static str> {
        let key = name.strip_prefix(self.name)?.strip_prefix('.')?;
        self.examples.iter().find(|(of, _)| *of == key).map(|(_, value)| *value)
    }
}

fn read<S: Section>(table: Value) -> Result<Read, SettingsError> {
    let section: Result<S, _> = serde_path_to_error::deserialize(Strict(table.clone()));
    let section = section.map_err(|error| {
        let key = error.path().to_string();
        misread(format!("{}.{key}", S::NAME), error.into_inner(), at(&table, &key))
    })?;
    section.check()?;
    Ok(Arc::new(section))
}

/// The sections that were read.
#[derive(Clone, Default)]
pub struct Sections(BTreeMap<&'static str, Read>);

impl fmt::Debug for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Sections {
    /// Takes these sections out of all settings.
    pub(super) fn take(
        root: &mut Value,
        readers: &[SectionReader],
    ) -> Result<Sections, SettingsError> {
        let mut sections = BTreeMap::new();
        let ValueKind::Table(all) = &mut root.kind else { return Ok(Sections(sections)) };
        for reader in readers {
            let empty = || Value::new(None, ValueKind::Table(config::Map::new()));
            let table = all.remove(reader.name).unwrap_or_else(empty);
            sections.insert(reader.name, (reader.read)(table)?);
        }
        Ok(Sections(sections))
    }

    /// The section of this type.
    pub(super) fn get<S: Section>(&self) -> Result<&S, SettingsError> {
        let section = self.0.get(S::NAME).and_then(|section| section.downcast_ref());
        section.ok_or(SettingsError::NotRead(S::NAME))
    }
}
