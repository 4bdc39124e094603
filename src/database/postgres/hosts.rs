//! Where PostgreSQL is, as a URL of libpq says it: one host or several, which are tried in their order until
//! one is what `target_session_attrs` asks for.

use std::error::Error as _;
use std::time::Duration;

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, Error};

use crate::runtime::tls::database::{Connector, SslMode};

/// The schemes of such a URL.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// What libpq reads and the client library does not. Any other name may be a part of a password.
const UNREAD: [&str; 12] = [
    "service",
    "passfile",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "requirepeer",
    "requiressl",
    "sslcompression",
    "sslcrl",
    "sslpassword",
    "client_encoding",
    "fallback_application_name",
];
/// The least that each of several hosts gets to answer.
const SHORTEST: Duration = Duration::from_millis(250);

/// Reads a URL. The error says what would be right, and shows nothing that may be a password.
pub(crate) fn parse(url: &str) -> Result<(SslMode, Config), String> {
    let form = "it must be a URL like postgres://user:password@host:5432/name, with several hosts \
                host1:5432,host2:5432";
    if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(form.into());
    }
    let (mode, url) = SslMode::take_from(url)?;
    let config: Config = url.parse().map_err(|error| format!("{}; {form}", message(&error)))?;
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
    if hosts == 0 {
        return Err(format!("it names no host; {form}"));
    }
    if config.get_ports().len() > 1 && config.get_ports().len() != hosts {
        return Err(format!("it has {hosts} hosts and {} ports; {form}", config.get_ports().len()));
    }
    let hidden = |text: &str| text.contains(|c: char| c.is_control() || c.is_whitespace());
    let host = |host: &Host| matches!(host, Host::Tcp(name) if name.is_empty() || hidden(name));
    if config.get_hosts().iter().any(host) {
        return Err(format!("a host has no name, or white space in it; {form}"));
    }
    let names = [config.get_dbname(), config.get_user()];
    if names
        .into_iter()
        .flatten()
        .any(|name| name.trim() != name || name.contains(char::is_control))
    {
        return Err("the database or the user has white space at an end of its name".into());
    }
    Ok((mode, config))
}

fn message(error: &Error) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let quoted = cause.split('`').nth(1).unwrap_or_default();
    match cause.split('`').next() {
        Some("invalid value for option ") => format!("the value of {quoted} cannot be used"),
        Some("unknown option ") if UNREAD.contains(&quoted) => {
            format!("{quoted} is not read there")
        }
        _ => "it cannot be read".to_owned(),
    }
}

/// Connects to the first host that answers and is of the right kind.
pub(super) struct Hosts {
    /// The same, each with one host.
    each: Vec<Config>,
    tls: Connector,
    /// How long one may take when there is another.
    patience: Duration,
}

impl Hosts {
    /// `bound` is how long it may take to connect.
    pub(super) fn new(config: &mut Config, tls: Connector, bound: Duration) -> Hosts {
        let count = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let share = bound / u32::try_from(count).unwrap_or(u32::MAX);
        let patience = share.max(SHORTEST).min(bound);
        config.connect_timeout(patience);
        let each = (0..count).map(|index| only(config, index)).collect();
        Hosts { each, tls, patience }
    }
}

/// The configuration with one of its hosts.
fn only(all: &Config, index: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(index) {
        Some(Host::Tcp(name)) => {
            one.host(name);
        }
        Some(Host::Unix(path)) => {
            one.host_path(path);
        }
        None => {}
    }
    if let Some(address) = all.get_hostaddrs().get(index) {
        one.hostaddr(*address);
    }
    if let Some(port) = all.get_ports().get(index).or(all.get_ports().first()) {
        one.port(*port);
    }
    // What an Option holds is set only where it is there.
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(name) = all.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    if let Some(bound) = all.get_connect_timeout() {
        one.connect_timeout(*bound);
    }
    if let Some(bound) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*bound);
    }
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .keepalives(all.get_keepalives())
        .keepalives_idle(all.get_keepalives_idle())
        .target_session_attrs(all.get_target_session_attrs())
        .channel_binding(all.get_channel_binding())
        .load_balance_hosts(all.get_load_balance_hosts());
    one
}

type Connected = (Client, JoinHandle<()>);

impl Connect for Hosts {
    fn connect(&self, _: &Config) -> futures_util::future::BoxFuture<'_, Result<Connected, Error>> {
        Box::pin(async move {
            let mut failed = None;
            let last = self.each.len().saturating_sub(1);
            for (index, config) in self.each.iter().enumerate() {
                let attempt = open(config, self.tls.clone());
                // A host that takes connections and says nothing must not keep us from the next. The pool bounds
                // the last one, and all together.
                let attempt = match index == last {
                    true => Ok(attempt.await),
                    false => timeout(self.patience, attempt).await,
                };
                match attempt {
                    Ok(Ok(connected)) => return Ok(connected),
                    Ok(Err(error)) => failed = Some(error),
                    Err(_) => {}
                }
            }
            match failed {
                Some(error) => Err(error),
                // The last one gave an answer or is still waited for, so this is never reached.
                None => std::future::pending().await,
            }
        })
    }
}

async fn open(config: &Config, tls: Connector) -> Result<Connected, Error> {
    let (client, connection) = config.connect(tls).await?;
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended: {error}");
        }
    });
    Ok((client, task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_hosts_are_read_as_libpq_reads_them() {
        let url = "postgres://u:p@h1:5433,h2/db?target_session_attrs=read-write&sslmode=require";
        let (mode, mut config) = parse(url).unwrap();
        assert_eq!(mode, SslMode::Require);
        let tls = Connector::new(SslMode::Disable, &Default::default()).unwrap();
        let hosts = Hosts::new(&mut config, tls, Duration::from_secs(5));
        assert_eq!(hosts.patience, Duration::from_millis(2500));
        let one = &hosts.each[1];
        assert_eq!(
            (one.get_hosts(), one.get_ports()),
            (&[Host::Tcp("h2".into())][..], &[5432][..])
        );
        let same = |get: fn(&Config) -> Option<&str>| assert_eq!(get(one), get(&config));
        same(Config::get_user);
        same(Config::get_dbname);
        assert_eq!(one.get_target_session_attrs(), config.get_target_session_attrs());
        assert_eq!(hosts.each[0].get_ports(), [5433]);
    }

    #[test]
    fn a_url_that_cannot_be_used_is_told_without_what_may_be_a_password() {
        for (url, rule) in [
            ("host=h password=hunter2", "it must be a URL like postgres://"),
            ("postgres://u:hunter2@h:port/db", "the value of port cannot be used; it must be"),
            ("postgres://u@h/db?hunter2=x", "it cannot be read; it must be"),
            ("postgres://u:hunter2@h/db?passfile=x", "passfile is not read there"),
            ("postgres:///db", "it names no host"),
            ("postgres://u@h%0A/db", "a host has no name, or white space"),
            ("postgres://u@h1,/db", "a host has no name, or white space"),
            ("postgres://u@h/db%0A", "the database or the user has white space"),
            ("postgres://u@h/db?sslmode=allow", "sslmode is \"allow\""),
            ("postgres://u@h/db?target_session_attrs=best", "the value of target_session_attrs"),
        ] {
            let message = parse(url).map(drop).unwrap_err();
            assert!(message.starts_with(rule), "{url}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
