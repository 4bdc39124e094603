//! The settings of ticketscloud.

use serde::Deserialize;

use crate::config::protocol::Section;
use crate::config::{SettingsError, within};

/// `[ticketscloud]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketsCloudSettings {
    /// For how many seconds tickets are reserved.
    pub reserve_s: i64,
    /// How many seconds there are to pay.
    pub payment_s: i64,
}

impl Section for TicketsCloudSettings {
    const NAME: &'static str = "ticketscloud";

    fn check(&self) -> Result<(), SettingsError> {
        within("ticketscloud.reserve_s", self.reserve_s, 1..=86_400)?;
        within("ticketscloud.payment_s", self.payment_s, 1..=31_536_000)
    }
}
