//! Settings: `config/default.toml` < `config/<environment>.toml` < `WSA__SECTION__KEY` < flags.
//!
//! Everything is read and checked before anything connects. A wrong setting ends the start with its
//! name, its value and what would be right.

mod layers;
mod ops;
pub mod protocol;
mod rules;
pub mod schedule;
mod sections;
mod strict;

use std::time::Duration;

use secrecy::ExposeSecret;

pub use self::ops::{Networks, OpsListen};
use self::protocol::{Section, SectionReader};
pub use self::rules::within;
pub use self::sections::*;
use crate::database::StoreSettings;
use crate::queue::Gather;
use crate::queue::amqp::AmqpSettings;
use crate::runtime::tls;

/// The defaults, compiled in; the file is their reference page.
const DEFAULTS: &str = include_str!("../config/default.toml");

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file of settings cannot be read.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// It has the wrong form, or is not known.
    #[error("the setting {name} {problem}")]
    Misread {
        /// Its name, `section.key`.
        name: String,
        /// Its value where that may be shown, and what would be right.
        problem: String,
    },
    /// A variable that names a setting cannot be read.
    #[error("the variable {name} {problem}")]
    Variable {
        /// Its name, `WSA__SECTION__KEY`.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// One of `[amqp]` breaks a rule.
    #[error("the setting amqp.{0}")]
    Amqp(String),
    /// A file of TLS cannot be used.
    #[error("the setting {0}")]
    Tls(#[from] tls::TlsError),
    /// A protocol asks for a section that was not read.
    #[error("the section [{0}] was not read: its protocol is not in the list of this program")]
    NotRead(&'static str),
    /// It breaks a rule.
    #[error("the setting {name} is {value}: {rule}")]
    Wrong {
        /// Its name, `section.key`.
        name: &'static str,
        /// Its value; for a secret, only what is safe to show.
        value: String,
        /// What would be right.
        rule: String,
    },
}

impl Settings {
    /// Reads the layers, with these sections of protocols; `flags` are `(section.key, value)` and win over all others.
    pub fn load(
        sections: &[SectionReader],
        flags: &[(&str, String)],
    ) -> Result<Settings, SettingsError> {
        let settings = layers::read(sections, flags, std::env::vars_os())?;
        settings.check()?;
        Ok(settings)
    }

    /// The database, when one is set.
    pub fn database_url(&self) -> Option<&str> {
        Some(self.store.database_url.expose_secret()).filter(|url| !url.is_empty())
    }

    /// The broker, when one is set.
    pub fn amqp(&self) -> Option<AmqpSettings> {
        Some(&self.amqp.url).filter(|url| !url.expose_secret().is_empty()).map(|url| AmqpSettings {
            url: url.clone(),
            prefix: self.amqp.prefix.clone(),
            shards: self.amqp.shards,
            confirm_timeout: Duration::from_millis(self.amqp.confirm_timeout_ms),
            heartbeat: Duration::from_secs(self.amqp.heartbeat_s),
            results_max_length: self.amqp.results_max_length,
            results_max_age: Duration::from_secs(self.amqp.results_max_age_s),
            tls: self.amqp.tls.clone(),
        })
    }

    /// What a PostgreSQL store needs.
    pub fn store(&self) -> StoreSettings {
        StoreSettings {
            pool_size: self.store.pool_size,
            pool_mode: self.store.pool_mode,
            connect_timeout: Duration::from_millis(self.store.connect_timeout_ms),
            statement_timeout: Duration::from_millis(self.store.statement_timeout_ms),
            lock_timeout: Duration::from_millis(self.store.lock_timeout_ms),
            tls: self.store.tls.clone(),
        }
    }

    /// The section of a protocol; an error says that the settings were read without that protocol.
    pub fn section<S: Section>(&self) -> Result<&S, SettingsError> {
        self.sections.get()
    }

    /// How worker lanes gather.
    pub fn gather(&self) -> Gather {
        Gather { most: self.worker.batch, linger: Duration::from_millis(self.worker.linger_ms) }
    }
}

#[cfg(test)]
mod tests;
