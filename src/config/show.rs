//! Settings as an operator is shown them: as a file has them, without passwords.

use config::ValueKind;
use serde::Serialize;
use url::Url;

use super::layers::Layers;
use super::misread::{as_in_a_file, is_secret};

/// A setting, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownSetting {
    /// `section.key`.
    pub name: String,
    /// As a file has it; passwords are `***`.
    pub value: String,
    /// Where it comes from.
    pub origin: String,
    /// Whether it is the default.
    pub default: bool,
}

impl Layers {
    /// All settings, in the order of the alphabet.
    pub fn shown(&self) -> Vec<ShownSetting> {
        let shown = |name: String| {
            let value = self.shown_value(&name)?;
            let origin = self.origin(&name);
            let default = origin == super::Origin::Default;
            Some(ShownSetting { name, value, origin: origin.to_string(), default })
        };
        self.names().into_iter().filter_map(shown).collect()
    }

    /// The value of a setting as a file has it; passwords are `***`.
    pub(super) fn shown_value(&self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        Some(match &value.kind {
            ValueKind::String(text) if is_secret(name) => format!("{:?}", masked(text)),
            _ => as_in_a_file(value),
        })
    }
}

/// A URL without its password. What is not a URL, or has one elsewhere, is not shown.
fn masked(text: &str) -> String {
    const HIDDEN: &str = "***";
    if text.is_empty() {
        return String::new();
    }
    let Ok(mut url) = Url::parse(text) else { return HIDDEN.to_owned() };
    if url.query_pairs().any(|(key, _)| key.to_lowercase().contains("password")) {
        url.set_query(Some(HIDDEN));
    }
    match url.password().is_none() || url.set_password(Some(HIDDEN)).is_ok() {
        true => url.into(),
        false => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        for (text, shown) in [
            ("", ""),
            ("postgres://h/db", "postgres://h/db"),
            ("postgres://wsa:hunter2@h:5432/db", "postgres://wsa:***@h:5432/db"),
            ("postgres://h/db?user=wsa&password=hunter2", "postgres://h/db?***"),
            ("postgres://h/db?sslPassword=hunter2", "postgres://h/db?***"),
            ("postgres://wsa:hunter2@h1:5432,h2:5432/db", "***"),
            ("hunter2", "***"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
