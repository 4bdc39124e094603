//! Settings: `config/default.toml` < `config/<environment>.toml` < the file of `--config` < `WSA__SECTION__KEY` < flags.
//!
//! Everything is read and checked before anything connects. A wrong setting ends the start with its
//! name, its value, what would be right, an example of that, and where the value comes from.

mod changes;
mod explain;
mod files;
mod layers;
mod misread;
mod named;
mod ops;
mod origin;
mod otel;
mod otel_variables;
pub mod protocol;
mod rules;
pub mod schedule;
mod sections;
mod show;
mod strict;

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

pub use self::changes::Change;
use self::explain::explain;
pub use self::layers::Layers;
pub use self::ops::{Networks, OpsListen};
pub use self::origin::Origin;
pub use self::otel::Ratio;
use self::protocol::{Section, SectionReader};
pub use self::rules::{web_address, within};
pub use self::sections::*;
pub use self::show::ShownSetting;
use crate::database::StoreSettings;
use crate::queue::Gather;
use crate::queue::amqp::AmqpSettings;
use crate::runtime::tls;

/// The defaults, compiled in; the file is their reference page.
const DEFAULTS: &str = include_str!("../config/default.toml");

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The layers do not fit together.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A file of settings cannot be used.
    #[error("the file of settings {path}, which {by} names, cannot be used: {problem}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Who names it: a flag or a variable.
        by: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// There is no such setting.
    #[error("the setting {name} {problem}")]
    Unknown {
        /// Its name, `section.key`.
        name: String,
        /// Which is perhaps meant, and those that there are.
        problem: String,
    },
    /// Another one, with what would be right and where the value comes from.
    #[error("{error}{example} (it comes from {origin})")]
    Explained {
        /// The error.
        error: Box<SettingsError>,
        /// A value that is right.
        example: String,
        /// Where the wrong one comes from.
        origin: Origin,
    },
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
    /// Reads the layers, with these sections of protocols and this file; `flags` are `(section.key, value)` and win over
    /// all others.
    pub fn load(
        sections: &[SectionReader],
        file: Option<&Path>,
        flags: &[(&str, String)],
    ) -> Result<Settings, SettingsError> {
        Settings::of(&Layers::load(file, flags)?, sections)
    }

    /// The settings that these layers give.
    pub fn of(layers: &Layers, sections: &[SectionReader]) -> Result<Settings, SettingsError> {
        let checked = layers.settings(sections).and_then(|settings| {
            settings.check()?;
            Ok(settings)
        });
        checked.map_err(|error| explain(error, layers, sections))
    }

    /// Everything that is wrong with these layers: each name and each form by itself, and the first rule that is broken.
    pub fn problems(layers: &Layers, sections: &[SectionReader]) -> Vec<SettingsError> {
        let names = layers.names().into_iter();
        let set = names.filter(|name| layers.origin(name) != Origin::Default);
        let alone = |name: String| {
            let read = layers.alone(&name).and_then(|root| layers::settings(root, sections));
            // A rule may hold together with others only.
            let form = |error: &SettingsError| {
                matches!(error, SettingsError::Misread { .. } | SettingsError::Unknown { .. })
            };
            read.err().filter(form).map(|error| explain(error, layers, sections))
        };
        let mut problems: Vec<SettingsError> = set.filter_map(alone).collect();
        if let Err(error) = Settings::of(layers, sections)
            && !problems.iter().any(|known| known.to_string() == error.to_string())
        {
            problems.push(error);
        }
        problems
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
