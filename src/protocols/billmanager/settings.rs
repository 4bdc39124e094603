//! The settings of BILLmanager.

use serde::Deserialize;

use super::command::Lang;
use crate::config::protocol::Section;
use crate::config::{SettingsError, within};

/// `[billmanager]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillManagerSettings {
    /// The language of answers to those who ask for none.
    #[serde(deserialize_with = "lang")]
    pub lang: Lang,
    /// What links begin with.
    pub host: String,
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

    fn check(&self) -> Result<(), SettingsError> {
        within("billmanager.password_checks", self.password_checks, 1..=64)?;
        within("billmanager.attempts_per_min", self.attempts_per_min, 1..=100_000)?;
        within("billmanager.unpaid_days", self.unpaid_days, 0..=3_650)
    }
}

/// `ru` or `en`.
fn lang<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}
