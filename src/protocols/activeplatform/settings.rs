//! The settings of ActivePlatform.

use serde::Deserialize;

use super::command::UtcOffset;
use crate::config::SettingsError;
use crate::config::protocol::Section;

/// `[activeplatform]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivePlatformSettings {
    /// In which times are written, like `+0300`.
    #[serde(deserialize_with = "offset")]
    pub utc_offset: UtcOffset,
}

impl Section for ActivePlatformSettings {
    const NAME: &'static str = "activeplatform";

    fn check(&self) -> Result<(), SettingsError> {
        Ok(())
    }
}

fn offset<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<UtcOffset, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}
