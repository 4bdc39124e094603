//! Where the broker is, and how to get there.

use std::fmt;

use lapin::tcp::RustlsConnector;
use lapin::uri::{AMQPScheme, AMQPUri};

use crate::runtime::tls::{self, ClientTls};

/// A broker, with a way to it: plain TCP, or TLS for `amqps://`.
#[derive(Clone)]
pub(super) struct Broker {
    pub(super) uri: AMQPUri,
    pub(super) tls: ClientTls,
}

impl Broker {
    /// Whether the files that TLS needs can be used; otherwise a sentence that begins with the setting's
    /// name below `amqp`.
    pub(super) fn check(&self) -> Result<(), String> {
        self.connector().map(drop)
    }

    /// The TLS side of the next connection, from the files as they are now; `None` for plain TCP.
    pub(super) fn connector(&self) -> Result<Option<RustlsConnector>, String> {
        match self.uri.scheme {
            AMQPScheme::AMQP => Ok(None),
            AMQPScheme::AMQPS => {
                let config = tls::config("tls.", &self.tls).map_err(|error| error.to_string())?;
                Ok(Some(config.into()))
            }
        }
    }

    /// The host, which the certificate must be for.
    pub(super) fn host(&self) -> &str {
        &self.uri.authority.host
    }
}

impl fmt::Display for Broker {
    /// Host and port, nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host(), self.uri.authority.port)
    }
}
