//! TLS to PostgreSQL: libpq's `sslmode` in the URL, the files in `[store.tls]`.

use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode as Wire;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::client;
use super::files::{self, ClientTls, TlsError};
use super::unverified::{AnyName, AnyServer};

/// What the names of the files' settings begin with.
const PREFIX: &str = "store.tls.";

/// How much a connection must be protected. Without an `sslmode` it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS where the server offers it, to whoever it is: it keeps out those who only listen.
    Prefer,
    /// TLS, to whoever it is; with `store.tls.ca` as [`SslMode::VerifyCa`], as libpq does.
    Require,
    /// TLS to a server whose certificate is of a trusted authority.
    VerifyCa,
    /// The same, and the certificate is for the host in the URL.
    VerifyFull,
}

impl SslMode {
    /// The mode that a URL asks for, and the URL without it. The error says what would be right.
    pub fn take_from(url: &str) -> Result<(SslMode, String), String> {
        let Some((place, query)) = url.split_once('?') else {
            return Ok((SslMode::Disable, url.to_owned()));
        };
        let mut mode = SslMode::Disable;
        let mut rest = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", word)) => mode = SslMode::read(word)?,
                Some((name @ ("sslrootcert" | "sslcert" | "sslkey"), _)) => {
                    return Err(format!(
                        "{name} is not read there: the files are {PREFIX}ca, {PREFIX}certificate and \
                         {PREFIX}key"
                    ));
                }
                _ => rest.push(pair),
            }
        }
        let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
        Ok((mode, format!("{place}{query}")))
    }

    fn read(word: &str) -> Result<SslMode, String> {
        Ok(match word {
            "disable" => SslMode::Disable,
            "prefer" => SslMode::Prefer,
            "require" => SslMode::Require,
            "verify-ca" => SslMode::VerifyCa,
            "verify-full" => SslMode::VerifyFull,
            other => {
                // Of a URL that is broken anything may stand here, a password too.
                let shown = match other {
                    "" | "allow" => format!("{other:?}"),
                    _ => "no such mode".to_owned(),
                };
                return Err(format!(
                    "sslmode is {shown}: it must be disable, prefer, require, verify-ca or verify-full"
                ));
            }
        })
    }

    /// What the client library is told.
    pub fn on_the_wire(self) -> Wire {
        match self {
            SslMode::Disable => Wire::Disable,
            SslMode::Prefer => Wire::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Wire::Require,
        }
    }
}

/// Makes the TLS side of each connection, from the files as they are then.
#[derive(Debug, Clone)]
pub struct Connector {
    mode: SslMode,
    files: ClientTls,
}

impl Connector {
    /// A connector whose files can be used now.
    pub fn new(mode: SslMode, files: &ClientTls) -> Result<Connector, TlsError> {
        let connector = Connector { mode, files: files.clone() };
        if mode != SslMode::Disable {
            connector.config()?;
        }
        Ok(connector)
    }

    fn config(&self) -> Result<ClientConfig, TlsError> {
        let files = &self.files;
        let verifier = match self.mode {
            SslMode::VerifyFull => client::verifier(PREFIX, files)?,
            SslMode::Require if files::is_set(&files.ca) => self.any_name()?,
            SslMode::VerifyCa => self.any_name()?,
            SslMode::Disable | SslMode::Prefer | SslMode::Require => AnyServer::new(),
        };
        client::with_verifier(PREFIX, files, verifier)
    }

    fn any_name(&self) -> Result<std::sync::Arc<AnyName>, TlsError> {
        Ok(std::sync::Arc::new(AnyName(client::verifier(PREFIX, &self.files)?)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Connector {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<S>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<S>>::TlsConnect;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self::TlsConnect, Self::Error> {
        let mut made = MakeRustlsConnect::new(self.config()?);
        Ok(<MakeRustlsConnect as MakeTlsConnect<S>>::make_tls_connect(&mut made, host)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_taken_out_of_the_url() {
        let taken = SslMode::take_from;
        let left = |mode, url: &str| Ok((mode, url.to_owned()));
        assert_eq!(taken("postgres://u:p@h/db"), left(SslMode::Disable, "postgres://u:p@h/db"));
        let url = "postgres://u:p%40@h/db?sslmode=verify-full&options=-c%20a%3Db";
        let rest = "postgres://u:p%40@h/db?options=-c%20a%3Db";
        assert_eq!(taken(url), left(SslMode::VerifyFull, rest));
        for (query, message) in [
            ("sslmode=allow", "sslmode is \"allow\": it must be disable, prefer"),
            ("sslmode=", "sslmode is \"\": it must be"),
            ("sslcert=x", "sslcert is not read there: the files are store.tls.ca"),
        ] {
            let rule = taken(&format!("postgres://h/db?{query}")).unwrap_err();
            assert!(rule.starts_with(message), "{rule}");
        }
    }
}
