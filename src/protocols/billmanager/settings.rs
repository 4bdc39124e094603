//! The settings of BILLmanager.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::command::Lang;
use crate::config::protocol::Section;
use crate::config::{SettingsError, web_address, within};
use crate::domain::string_enum::string_enum;

/// `[billmanager]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillManagerSettings {
    /// The language of answers to those who ask for none.
    #[serde(deserialize_with = "lang")]
    pub lang: Lang,
    /// What links begin with.
    pub host: String,
    /// Where the API is.
    #[serde(deserialize_with = "paths")]
    pub paths: Vec<ApiPath>,
    /// How many passwords are verified at once.
    pub password_checks: usize,
    /// How many attempts a minute there are at the password of a login.
    pub attempts_per_min: u32,
    /// After how many days an order that nobody has paid expires; 0: never.
    pub unpaid_days: i64,
}

impl Section for BillManagerSettings {
    const NAME: &'static str = "billmanager";

    const URLS: &'static [&'static str] = &["host"];

    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("host", "\"https://billing.example.com\"")];

    fn check(&self) -> Result<(), SettingsError> {
        web_address("billmanager.host", &self.host)?;
        within("billmanager.password_checks", self.password_checks, 1..=64)?;
        within("billmanager.attempts_per_min", self.attempts_per_min, 1..=100_000)?;
        within("billmanager.unpaid_days", self.unpaid_days, 0..=3_650)
    }
}

/// Where the vendor has its API: at the root, or at one of two paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiPath {
    /// Requests that name a function; any other is of nobody.
    Root,
    /// The usual one.
    Billmgr,
    /// As the vendor's own panel has it.
    Manager,
}

string_enum!(ApiPath { Root = "/", Billmgr = "/billmgr", Manager = "/manager/billmgr" });

/// `ru` or `en`.
fn lang<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| Error::custom("it must be ru or en"))
}

/// Paths with commas between them, each once.
fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ApiPath>, D::Error> {
    read_paths(&String::deserialize(deserializer)?).map_err(Error::custom)
}

fn read_paths(text: &str) -> Result<Vec<ApiPath>, String> {
    let mut paths = Vec::new();
    for path in text.split(',').map(str::trim) {
        let path: ApiPath = path
            .parse::<ApiPath>()
            .map_err(|_| "each must be one of /, /billmgr, /manager/billmgr".to_owned())?;
        if paths.contains(&path) {
            return Err(format!("{path} is there twice: name it once"));
        }
        paths.push(path);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_vendor_each_once() {
        use ApiPath::{Billmgr, Manager, Root};
        assert_eq!(read_paths("/billmgr"), Ok(vec![Billmgr]));
        assert_eq!(read_paths("/, /billmgr ,/manager/billmgr"), Ok(vec![Root, Billmgr, Manager]));
        for wrong in ["", "/billmgr/", "billmgr", "/,", "/v1", "/,/"] {
            assert!(read_paths(wrong).is_err(), "{wrong}");
        }
    }
}
