//! What the values of settings have to be.

use std::ops::RangeInclusive;

use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, COOKIE};
use secrecy::{ExposeSecret, SecretString};

use super::strict::shown;
use super::{Settings, SettingsError};
use crate::database::postgres::hosts;
use crate::queue::amqp::check_prefix;
use crate::runtime::tls::ClientTls;
use crate::runtime::tls::database::{Connector, SslMode};
use crate::runtime::{telemetry, tls};

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
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
        self.check_tasks()?;
        within("worker.lanes", self.worker.lanes, 1..=64)?;
        within("worker.batch", self.worker.batch, 1..=4096)?;
        within("worker.linger_ms", self.worker.linger_ms, 0..=1000)?;
        within("sweeper.interval_ms", self.sweeper.interval_ms, 10..=60_000)?;
        within("sweeper.batch", self.sweeper.batch, 1..=10_000)?;
        // A notification shows an answer, which must still be there.
        within("mail.keep_days", self.mail.keep_days, 1..=store.retention_days)?;
        within("mail.keep_letters", self.mail.keep_letters, 1..=100_000_000)?;
        let callbacks = &self.callbacks;
        within("callbacks.timeout_ms", callbacks.timeout_ms, 100..=60_000)?;
        within("callbacks.connect_timeout_ms", callbacks.connect_timeout_ms, 100..=60_000)?;
        within("callbacks.concurrency_per_url", callbacks.concurrency_per_url, 1..=64)?;
        within("callbacks.concurrency", callbacks.concurrency, 1..=4096)?;
        within("callbacks.failing_days", callbacks.failing_days, 1..=365)?;
        within("callbacks.log_days", callbacks.log_days, 1..=36_500)?;
        if self.ops.sample_ms != 0 {
            within("ops.sample_ms", self.ops.sample_ms, 100..=600_000)?;
        }
        within("shutdown.drain_s", self.shutdown.drain_s, 1..=3600)?;
        self.check_ops()?;
        self.check_otel()?;
        telemetry::check_filter(&self.log.filter).map_err(|error| {
            let rule = format!("it must be like info,wsa=debug ({error})");
            wrong("log.filter", format!("{:?}", self.log.filter), rule)
        })?;
        self.database()?;
        scheme("amqp.url", &self.amqp.url, &["amqp", "amqps"])?;
        // Also where no server is named yet: the file says what will be used.
        check_prefix(&self.amqp.prefix).map_err(SettingsError::Amqp)?;
        for (prefix, files) in [("store.tls.", &store.tls), ("amqp.tls.", &self.amqp.tls)] {
            if *files != ClientTls::default() {
                tls::config(prefix, files)?;
            }
        }
        self.amqp().map_or(Ok(()), |amqp| amqp.check().map_err(SettingsError::Amqp))
    }

    fn check_tasks(&self) -> Result<(), SettingsError> {
        let (tasks, limits) = (&self.tasks, &self.limits);
        within("tasks.timeout_s", tasks.timeout_s, 1..=crate::domain::task::LONGEST_TIMEOUT_S)?;
        within("tasks.republish_after_s", tasks.republish_after_s, 1..=3600)?;
        let every_s = tasks.republish_at_least_every_s;
        within("tasks.republish_at_least_every_s", every_s, 1..=3600)?;
        within("tasks.accept_lanes", tasks.accept_lanes, 1..=64)?;
        within("tasks.publish_lanes", tasks.publish_lanes, 1..=64)?;
        within("tasks.accept_batch", tasks.accept_batch, 1..=4096)?;
        within("tasks.accept_waiting", tasks.accept_waiting, 1..=1_000_000)?;
        within("tasks.hold_polls_ms", tasks.hold_polls_ms, 0..=1000)?;
        // What a task was is kept longer than it may wait.
        let longest = self.store.retention_days - 1;
        within("tasks.schedule_days", tasks.schedule_days, 0..=longest)?;
        within("limits.requests_per_s", limits.requests_per_s, 0..=1_000_000)?;
        within("limits.burst", limits.burst, 1..=10_000_000)?;
        within("limits.open_tasks_per_object", limits.open_tasks_per_object, 0..=10_000_000)?;
        within("limits.scheduled_per_object", limits.scheduled_per_object, 0..=10_000_000)?;
        within("limits.fair_share", limits.fair_share, 0..=10_000_000)
    }

    fn check_ops(&self) -> Result<(), SettingsError> {
        let ops = &self.ops;
        let header = &ops.trusted_header;
        if header.is_empty() {
            return Ok(());
        }
        let known = HeaderName::from_bytes(header.as_bytes());
        if known.is_err() || known.is_ok_and(|name| name == AUTHORIZATION || name == COOKIE) {
            let rule = "it must be the name of a header other than Authorization and Cookie";
            return Err(wrong("ops.trusted_header", format!("{header:?}"), rule));
        }
        if ops.trusted_proxies.0.is_empty() {
            let rule = "with ops.trusted_header it must name the addresses of the proxies";
            return Err(wrong("ops.trusted_proxies", "empty".to_owned(), rule));
        }
        Ok(())
    }

    /// Whether the URL of the database can be used, and the files for TLS where it asks for that.
    fn database(&self) -> Result<(), SettingsError> {
        let url = &self.store.database_url;
        if url.expose_secret().is_empty() {
            return Connector::new(SslMode::Disable, &self.store.tls).map(drop).map_err(Into::into);
        }
        let (mode, _) = hosts::parse(url.expose_secret())
            .map_err(|rule| wrong("store.database_url", url_shown(url), rule))?;
        Connector::new(mode, &self.store.tls)?;
        Ok(())
    }
}

pub(super) fn wrong(name: &'static str, value: String, rule: impl Into<String>) -> SettingsError {
    SettingsError::Wrong { name, value, rule: rule.into() }
}

/// Whether a value is in its range; an error names it, its value and the range.
pub fn within<T: PartialOrd + std::fmt::Display>(
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

/// Whether a text is empty, or the address of a web site: what links begin with.
pub fn web_address(name: &'static str, address: &str) -> Result<(), SettingsError> {
    let rule = "it must be an address like https://billing.example.com";
    let usable = |url: url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match address.is_empty() || address.parse().is_ok_and(usable) {
        true => Ok(()),
        // Before an @ could stand a password.
        false if address.contains('@') => Err(wrong(name, shown(address), rule)),
        false => Err(wrong(name, format!("{address:?}"), rule)),
    }
}

/// What may stand before the colon of a URL and is shown; anything else may be a password in the wrong place.
const KNOWN_SCHEMES: [&str; 8] =
    ["amqp", "amqps", "http", "https", "mysql", "postgres", "postgresql", "sqlite"];

/// What of a URL that cannot be used is shown: its scheme.
fn url_shown(url: &SecretString) -> String {
    match url.expose_secret().split_once("://") {
        Some((scheme, _)) if KNOWN_SCHEMES.contains(&scheme) => format!("{scheme}://…"),
        Some(_) => "a URL of an unknown kind".to_owned(),
        None => "no URL".to_owned(),
    }
}

/// A URL may hold a password: an error shows its scheme at the most.
fn scheme(name: &'static str, url: &SecretString, allowed: &[&str]) -> Result<(), SettingsError> {
    let url = url.expose_secret();
    if url.is_empty() {
        return Ok(());
    }
    let rule = format!("it must be a URL like {}://user:password@host:port/name", allowed[0]);
    match url::Url::parse(url) {
        // The library leaves out what is invisible, where others read on.
        Ok(_) if url.contains(|c: char| c.is_control() || c.is_whitespace()) => {
            Err(wrong(name, "a URL with white space".to_owned(), rule))
        }
        Ok(parsed) if allowed.contains(&parsed.scheme()) => Ok(()),
        Ok(parsed) if KNOWN_SCHEMES.contains(&parsed.scheme()) => {
            Err(wrong(name, format!("{}://…", parsed.scheme()), rule))
        }
        Ok(_) => Err(wrong(name, "a URL of an unknown kind".to_owned(), rule)),
        Err(error) => Err(wrong(name, format!("no URL ({error})"), rule)),
    }
}
