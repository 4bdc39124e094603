//! Settings: `config/default.toml` < `config/<environment>.toml` < `WSA__SECTION__KEY` < flags.
//!
//! Everything is read and checked before anything connects. A wrong setting ends the start with its
//! name, its value and what would be right.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::callback::schedule::Schedule;
use crate::limits::load::LoadSettings;
use crate::limits::rates::RateSettings;
use crate::queue::Gather;
use crate::queue::amqp::AmqpSettings;
use crate::task::activeplatform::UtcOffset;
use crate::task::billmanager::Lang;
use crate::tls::database::{Connector, SslMode};
use crate::tls::{self, ClientTls, ServerTls};

/// The defaults, compiled in; the file is their reference page.
const DEFAULTS: &str = include_str!("../config/default.toml");

/// Every setting, as the layers give it; units and meanings stand in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Settings {
    pub http: Http,
    pub store: StoreSection,
    pub amqp: Amqp,
    pub tasks: Tasks,
    pub limits: Limits,
    pub worker: Worker,
    pub sweeper: Sweeper,
    pub mail: Mail,
    pub callbacks: Callbacks,
    pub activeplatform: ActivePlatform,
    pub ticketscloud: TicketsCloud,
    pub billmanager: BillManager,
    pub shutdown: Shutdown,
    pub log: Log,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$attribute])* pub $field: $type),* }
    };
}

section! {
    /// `[http]`
    Http {
        listen: std::net::SocketAddr, body_limit: usize, body_timeout_ms: u64, head_limit: usize,
        idle_timeout_ms: u64, write_timeout_ms: u64, connections: usize, tls: ServerTls,
    }
}
section! {
    /// `[store]`
    StoreSection {
        database_url: SecretString, data_dir: PathBuf, pool_size: usize, connect_timeout_ms: u64,
        statement_timeout_ms: u64, lock_timeout_ms: u64, retention_days: i64,
        allow_unsafe_durability: bool, tls: ClientTls,
    }
}
section! {
    /// `[amqp]`
    Amqp {
        url: SecretString, prefix: String, shards: u16, confirm_timeout_ms: u64, heartbeat_s: u64,
        results_max_length: u32, results_max_age_s: u64, tls: ClientTls,
    }
}
section! {
    /// `[tasks]`
    Tasks {
        timeout_s: i64, republish_after_s: i64, republish_at_least_every_s: i64,
        accept_lanes: usize, publish_lanes: usize, accept_batch: usize, accept_waiting: usize,
    }
}
section! {
    /// `[limits]`
    Limits { requests_per_s: u32, burst: u32, open_tasks_per_object: u64, fair_share: u64 }
}
section! {
    /// `[worker]`
    Worker { lanes: usize, batch: usize, linger_ms: u64 }
}
section! {
    /// `[sweeper]`
    Sweeper { interval_ms: u64, batch: usize }
}
section! {
    /// `[mail]`
    Mail { keep_days: i64, keep_letters: i64 }
}
section! {
    /// `[callbacks]`
    Callbacks {
        allow_private_addresses: bool, timeout_ms: u64, connect_timeout_ms: u64,
        concurrency_per_url: usize, concurrency: usize, retry_after_s: Schedule, failing_days: i64,
        log_days: i64,
    }
}
section! {
    /// `[activeplatform]`
    ActivePlatform { #[serde(deserialize_with = "offset")] utc_offset: UtcOffset }
}
section! {
    /// `[ticketscloud]`
    TicketsCloud { reserve_s: i64, payment_s: i64 }
}
section! {
    /// `[billmanager]`
    BillManager {
        #[serde(deserialize_with = "lang")] lang: Lang, host: String, password_checks: usize,
        attempts_per_min: u32,
    }
}
section! {
    /// `[shutdown]`
    Shutdown { drain_s: u64 }
}
section! {
    /// `[log]`
    Log { format: LogFormat, filter: String }
}

/// `+0300`; a variable's value may have become a number on its way.
fn offset<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<UtcOffset, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|rule| {
        serde::de::Error::custom(format!("activeplatform.utc_offset is {text:?}: {rule}"))
    })
}

/// `ru` or `en`.
fn lang<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|rule| serde::de::Error::custom(format!("billmanager.lang is wrong: {rule}")))
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What a PostgreSQL store needs to know.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Connections of this process.
    pub pool_size: usize,
    /// How long to wait for one.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long it may wait for a row.
    pub lock_timeout: Duration,
    /// Whom it trusts, and what it shows, when the URL has an `sslmode`.
    pub tls: ClientTls,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It has the wrong form, is not known, or its file cannot be read.
    #[error("a setting cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
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
        let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Ok(environment) = std::env::var("WSA_ENVIRONMENT") {
            layers = layers.add_source(File::with_name(&format!("config/{environment}")));
        }
        let variables = Environment::with_prefix("WSA").prefix_separator("__").separator("__");
        layers = layers.add_source(variables.try_parsing(true));
        for (name, value) in flags {
            layers = layers.set_override(*name, value.clone())?;
        }
        let settings: Settings = layers.build()?.try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let store = &self.store;
        within("http.body_limit", self.http.body_limit, 1024..=16 * 1024 * 1024)?;
        within("http.body_timeout_ms", self.http.body_timeout_ms, 100..=600_000)?;
        within("http.head_limit", self.http.head_limit, 1024..=1024 * 1024)?;
        within("http.idle_timeout_ms", self.http.idle_timeout_ms, 100..=3_600_000)?;
        within("http.write_timeout_ms", self.http.write_timeout_ms, 100..=600_000)?;
        within("http.connections", self.http.connections, 1..=1_000_000)?;
        tls::server::is_set(&self.http.tls)?;
        within("store.pool_size", store.pool_size, 2..=1000)?;
        within("store.connect_timeout_ms", store.connect_timeout_ms, 100..=60_000)?;
        within("store.statement_timeout_ms", store.statement_timeout_ms, 100..=600_000)?;
        within("store.lock_timeout_ms", store.lock_timeout_ms, 100..=600_000)?;
        within("store.retention_days", store.retention_days, 1..=36_500)?;
        within("amqp.shards", self.amqp.shards, 1..=256)?;
        within("amqp.confirm_timeout_ms", self.amqp.confirm_timeout_ms, 100..=600_000)?;
        within("amqp.heartbeat_s", self.amqp.heartbeat_s, 1..=600)?;
        within("amqp.results_max_length", self.amqp.results_max_length, 1..=100_000_000)?;
        within("amqp.results_max_age_s", self.amqp.results_max_age_s, 1..=31_536_000)?;
        within("tasks.timeout_s", self.tasks.timeout_s, 1..=crate::task::LONGEST_TIMEOUT_S)?;
        within("tasks.republish_after_s", self.tasks.republish_after_s, 1..=3600)?;
        within(
            "tasks.republish_at_least_every_s",
            self.tasks.republish_at_least_every_s,
            1..=3600,
        )?;
        within("tasks.accept_lanes", self.tasks.accept_lanes, 1..=64)?;
        within("tasks.publish_lanes", self.tasks.publish_lanes, 1..=64)?;
        within("tasks.accept_batch", self.tasks.accept_batch, 1..=4096)?;
        within("tasks.accept_waiting", self.tasks.accept_waiting, 1..=1_000_000)?;
        within("limits.requests_per_s", self.limits.requests_per_s, 0..=1_000_000)?;
        within("limits.burst", self.limits.burst, 1..=10_000_000)?;
        within("limits.open_tasks_per_object", self.limits.open_tasks_per_object, 0..=10_000_000)?;
        within("limits.fair_share", self.limits.fair_share, 0..=10_000_000)?;
        within("worker.lanes", self.worker.lanes, 1..=64)?;
        within("worker.batch", self.worker.batch, 1..=4096)?;
        within("worker.linger_ms", self.worker.linger_ms, 0..=1000)?;
        within("sweeper.interval_ms", self.sweeper.interval_ms, 10..=60_000)?;
        within("sweeper.batch", self.sweeper.batch, 1..=10_000)?;
        // A letter shows an answer, which must still be there.
        within("mail.keep_days", self.mail.keep_days, 1..=store.retention_days)?;
        within("mail.keep_letters", self.mail.keep_letters, 1..=100_000_000)?;
        let callbacks = &self.callbacks;
        within("callbacks.timeout_ms", callbacks.timeout_ms, 100..=60_000)?;
        within("callbacks.connect_timeout_ms", callbacks.connect_timeout_ms, 100..=60_000)?;
        within("callbacks.concurrency_per_url", callbacks.concurrency_per_url, 1..=64)?;
        within("callbacks.concurrency", callbacks.concurrency, 1..=4096)?;
        within("callbacks.failing_days", callbacks.failing_days, 1..=365)?;
        within("callbacks.log_days", callbacks.log_days, 1..=36_500)?;
        let TicketsCloud { reserve_s, payment_s } = self.ticketscloud;
        within("ticketscloud.reserve_s", reserve_s, 1..=86_400)?;
        within("ticketscloud.payment_s", payment_s, 1..=31_536_000)?;
        within("billmanager.password_checks", self.billmanager.password_checks, 1..=64)?;
        within("billmanager.attempts_per_min", self.billmanager.attempts_per_min, 1..=100_000)?;
        within("shutdown.drain_s", self.shutdown.drain_s, 1..=3600)?;
        scheme("store.database_url", &store.database_url, &["postgres", "postgresql"])?;
        self.ssl_mode()?;
        scheme("amqp.url", &self.amqp.url, &["amqp", "amqps"])?;
        self.amqp().map_or(Ok(()), |amqp| amqp.check().map_err(SettingsError::Amqp))
    }

    /// The database, when one is set.
    pub fn database_url(&self) -> Option<&str> {
        Some(self.store.database_url.expose_secret()).filter(|url| !url.is_empty())
    }

    /// Whether the URL of the database asks for TLS, and the files for it can be used.
    fn ssl_mode(&self) -> Result<(), SettingsError> {
        let url = self.store.database_url.expose_secret();
        let (mode, _) = SslMode::take_from(url)
            .map_err(|rule| wrong("store.database_url", "postgres://…".into(), rule))?;
        Connector::new(mode, &self.store.tls)?;
        Ok(())
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

fn wrong(name: &'static str, value: String, rule: impl Into<String>) -> SettingsError {
    SettingsError::Wrong { name, value, rule: rule.into() }
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), SettingsError> {
    if range.contains(&value) {
        return Ok(());
    }
    let rule = format!("it must be from {} to {}", range.start(), range.end());
    Err(wrong(name, value.to_string(), rule))
}

/// A URL may hold a password: an error shows its scheme at the most.
fn scheme(name: &'static str, url: &SecretString, allowed: &[&str]) -> Result<(), SettingsError> {
    let url = url.expose_secret();
    if url.is_empty() {
        return Ok(());
    }
    let rule = format!("it must be a URL like {}://user:password@host:port/name", allowed[0]);
    match url::Url::parse(url) {
        Ok(parsed) if allowed.contains(&parsed.scheme()) => Ok(()),
        Ok(parsed) => Err(wrong(name, format!("{}://…", parsed.scheme()), rule)),
        Err(error) => Err(wrong(name, format!("no URL ({error})"), rule)),
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
