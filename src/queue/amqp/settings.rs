//! Where RabbitMQ is and how to use it.

use std::time::Duration;

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};

use super::broker::Broker;
use super::wire::Wire;
use crate::runtime::tls::ClientTls;

/// Where RabbitMQ is and how to use it.
#[derive(Debug, Clone)]
pub struct AmqpSettings {
    /// `amqp://user:password@host:port/vhost`, with TLS `amqps://`; the default virtual host is written `%2f`.
    pub url: SecretString,
    /// What the names of all exchanges and queues begin with; default `wsa`.
    pub prefix: String,
    /// Over how many queues the tasks are spread; default 1. The same for every process. When it
    /// shrinks, what is left in a queue that is no longer read is published again by the sweeper.
    pub shards: u16,
    /// How long a publish may take until every message is confirmed; default 10 s.
    pub confirm_timeout: Duration,
    /// How often each side shows that it is alive, in whole seconds; default 10 s. A connection
    /// that has been silent for twice as long is given up.
    pub heartbeat: Duration,
    /// How many answers the results queue of an aggregator keeps; default 100,000.
    pub results_max_length: u32,
    /// For how long it keeps each; default 3 days.
    pub results_max_age: Duration,
    /// With `amqps://`: whom to trust, and what to show.
    pub tls: ClientTls,
}

impl AmqpSettings {
    /// The defaults, for the broker at `url`.
    pub fn new(url: impl Into<SecretString>) -> AmqpSettings {
        AmqpSettings {
            url: url.into(),
            prefix: "wsa".to_owned(),
            shards: 1,
            confirm_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(10),
            results_max_length: 100_000,
            results_max_age: Duration::from_secs(3 * 86_400),
            tls: ClientTls::default(),
        }
    }

    /// The RabbitMQ user of this service, which alone may act for others.
    pub fn user(&self) -> String {
        self.uri().map(|uri| uri.authority.userinfo.username).unwrap_or_default()
    }

    /// The virtual host.
    pub fn vhost(&self) -> String {
        self.uri().map(|uri| uri.vhost).unwrap_or_default()
    }

    /// Host and port.
    pub fn place(&self) -> String {
        let place = |uri: AMQPUri| format!("{}:{}", uri.authority.host, uri.authority.port);
        self.uri().map(place).unwrap_or_default()
    }

    /// Whether these settings can work at all; otherwise a sentence that names the setting and what
    /// would be right, without the password.
    pub fn check(&self) -> Result<(), String> {
        self.broker()?.check()?;
        check_prefix(&self.prefix)?;
        if self.shards == 0 {
            return Err("shards 0: it must be at least 1".to_owned());
        }
        let seconds = self.heartbeat.as_secs();
        if self.heartbeat.subsec_nanos() != 0 || !(1..=600).contains(&seconds) {
            return Err(format!(
                "heartbeat {:?}: it must be 1 to 600 whole seconds",
                self.heartbeat
            ));
        }
        if self.confirm_timeout.is_zero() {
            return Err("confirm_timeout 0: it must be more than zero".to_owned());
        }
        Ok(())
    }

    fn uri(&self) -> Result<AMQPUri, String> {
        let mut uri: AMQPUri = self.url.expose_secret().parse().map_err(|_| {
            // The error would show it, and the password in it.
            "url: it cannot be read; it must be like amqp://user:password@host:5672/%2f".to_owned()
        })?;
        uri.query.heartbeat = u16::try_from(self.heartbeat.as_secs()).ok();
        Ok(uri)
    }

    /// A connection for something else than tasks, which lasts as long as its wire.
    pub(crate) async fn connect(&self, name: &str) -> anyhow::Result<(lapin::Connection, Wire)> {
        let broker = self.broker().map_err(anyhow::Error::msg)?;
        Ok(Wire::connect(&broker, name).await?)
    }

    /// How to connect.
    pub(super) fn broker(&self) -> Result<Broker, String> {
        Ok(Broker { uri: self.uri()?, tls: self.tls.clone() })
    }
}

/// Whether names of exchanges and queues may begin so.
pub fn check_prefix(prefix: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match prefix {
        prefix if prefix.len() <= 100 && !prefix.is_empty() && prefix.chars().all(allowed) => {
            Ok(())
        }
        prefix => {
            let shown = if prefix.is_empty() { "empty".to_owned() } else { format!("{prefix:?}") };
            Err(format!(
                "prefix is {shown}: it must be 1 to 100 letters, digits, dots, dashes or underscores"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_and_never_show_the_password() {
        let good = AmqpSettings::new("amqp://u:hunter2@localhost:5672/%2f");
        assert_eq!(good.check(), Ok(()));
        assert!(!format!("{good:?}").contains("hunter2"));
        let wrong = |change: fn(&mut AmqpSettings)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.check().unwrap_err()
        };
        assert!(wrong(|s| s.prefix = "a b".into()).contains("prefix is \"a b\""));
        assert!(wrong(|s| s.shards = 0).contains("shards 0"));
        assert!(wrong(|s| s.heartbeat = Duration::from_millis(1500)).contains("heartbeat 1.5s"));
        let message = wrong(|s| {
            s.url = "amqps://u:hunter2@h/".into();
            s.tls.ca = "/nowhere".into();
        });
        assert!(message.starts_with("tls.ca is \"/nowhere\": it cannot be read"), "{message}");
        for url in ["", "localhost", "http://u:hunter2@h", "amqp://u:hunter2@h:port"] {
            let mut settings = good.clone();
            settings.url = url.into();
            let error = settings.check().unwrap_err();
            assert!(error.starts_with("url: ") && !error.contains("hunter2"), "{error}");
        }
    }
}
