//! Settings: `config/default.toml` < `config/<environment>.toml` < `WSA__SECTION__KEY` < flags.
//!
//! Everything is read and checked before anything connects. A wrong setting ends the start with its
//! name, its value and what would be right.

mod layers;
mod rules;
mod sections;
mod strict;

use std::time::Duration;

use secrecy::ExposeSecret;

pub use self::sections::*;
use crate::limits::load::LoadSettings;
use crate::limits::rates::RateSettings;
use crate::queue::Gather;
use crate::queue::amqp::AmqpSettings;
use crate::store::StoreSettings;
use crate::tls;

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
    /// Reads the layers; `flags` are `(section.key, value)` and win over all others.
    pub fn load(flags: &[(&str, String)]) -> Result<Settings, SettingsError> {
        let settings = layers::read(flags, std::env::vars_os())?;
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
            connect_timeout: Duration::from_millis(self.store.connect_timeout_ms),
            statement_timeout: Duration::from_millis(self.store.statement_timeout_ms),
            lock_timeout: Duration::from_millis(self.store.lock_timeout_ms),
            tls: self.store.tls.clone(),
        }
    }

    /// How fast aggregators may ask.
    pub fn rates(&self) -> RateSettings {
        let Limits { requests_per_s, burst, .. } = self.limits;
        RateSettings { requests_per_s, burst }
    }

    /// How many open tasks objects may have.
    pub fn object_load(&self) -> LoadSettings {
        let Limits { open_tasks_per_object, fair_share, .. } = self.limits;
        LoadSettings { open_tasks_per_object, fair_share }
    }

    /// How worker lanes gather.
    pub fn gather(&self) -> Gather {
        Gather { most: self.worker.batch, linger: Duration::from_millis(self.worker.linger_ms) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right() {
        let settings = Settings::load(&[]).unwrap();
        assert_eq!(settings.tasks.timeout_s, 120);
        assert!(settings.database_url().is_none() && settings.amqp().is_none());
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_value_and_its_rule() {
        for (name, value, told) in [
            ("worker.batch", "0", "the setting worker.batch is 0: it must be from 1 to 4096"),
            ("amqp.url", "http://u:secret@h", "the setting amqp.url is http://…: it must be"),
            ("worker.batch", "many", "worker.batch"),
            ("worker.batches", "1", "batches"),
            ("log.format", "xml", "log.format"),
            (
                "callbacks.timeout_ms",
                "0",
                "the setting callbacks.timeout_ms is 0: it must be from 100",
            ),
            ("callbacks.retry_after_s", "5,-1", "the pause -1 must be from 0 to 604800 seconds"),
        ] {
            let error = Settings::load(&[(name, value.into())]).unwrap_err().to_string();
            assert!(error.contains(told), "{name}={value}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
