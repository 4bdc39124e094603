//! Names of settings, `section.key`: where each stands in a table, and the variable that sets it.

use config::{Config, File, FileFormat, Value, ValueKind};

use super::{DEFAULTS, Settings};

/// What the names of variables begin with.
pub(super) const PREFIX: &str = "WSA__";

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

/// The names of all values in a table, `section.key`, in the order of the alphabet.
pub(super) fn names_in(root: &Value) -> Vec<String> {
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
