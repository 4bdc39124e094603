//! Posting one delivery: to what was checked, once, in bounded time, reading a bounded answer.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Response, redirect};
use uuid::Uuid;

use super::outcome::Ended;
use super::signature::Secrets;
use super::{address, url};
use crate::config::Callbacks;

/// How much of an answer is read, so that its connection can be used again; more is cut off.
const BODY_LIMIT: usize = 16 * 1024;
/// How long that may take. The status is known by then.
const BODY_TIME: Duration = Duration::from_secs(1);
/// How long a connection waits for its next use.
const IDLE: Duration = Duration::from_secs(30);
/// The longest error that is kept, in characters.
const LONGEST_ERROR: usize = 300;

/// Posts deliveries.
#[derive(Debug)]
pub struct Sender {
    line: Line,
    timeout: Duration,
    allow_private: bool,
}

/// How deliveries travel.
#[derive(Debug)]
enum Line {
    Http(reqwest::Client),
    /// To the receiver of a simulation.
    #[cfg(test)]
    Simulated(std::sync::Arc<crate::simulation::process::Life>),
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub ended: Ended,
}

impl Sender {
    /// A sender with these settings.
    pub fn new(settings: &Callbacks) -> reqwest::Result<Sender> {
        let allow_private = settings.allow_private_addresses;
        let timeout = Duration::from_millis(settings.timeout_ms);
        #[cfg(test)]
        if let Some(life) = crate::simulation::process::life() {
            return Ok(Sender { line: Line::Simulated(life), timeout, allow_private });
        }
        let http = crate::tls::http_client()
            .user_agent(concat!("wsa/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(timeout)
            .dns_resolver(Checked { allow_private })
            // What a redirect or a proxy leads to was not checked; and a retry of the client's own
            // would be an attempt that nobody wrote down.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(settings.concurrency_per_url)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Sender { line: Line::Http(http), timeout, allow_private })
    }

    /// Posts a body, signed, and tells how that ended.
    pub async fn post(&self, url: &str, secrets: &Secrets, id: Uuid, body: String) -> Attempt {
        let (at, began) = (Timestamp::now(), Instant::now());
        let ended = self.answer(url, secrets, id, at, body).await;
        Attempt { at, took: began.elapsed(), ended }
    }

    async fn answer(
        &self,
        url: &str,
        secrets: &Secrets,
        id: Uuid,
        at: Timestamp,
        body: String,
    ) -> Ended {
        #[cfg(not(test))]
        let Line::Http(http) = &self.line;
        #[cfg(test)]
        let http = match &self.line {
            Line::Http(http) => http,
            Line::Simulated(life) => return life.call(id, &body).await,
        };
        // Again, and not only when it was added: the setting may have changed, and the client does not
        // ask the resolver about a host that is an address.
        let url = url::read(url, self.allow_private)?;
        let mut request = http.post(url);
        for (name, value) in secrets.headers(&id.to_string(), at.as_second(), &body) {
            request = request.header(name, value);
        }
        request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match request.body(body).send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let _ = tokio::time::timeout(BODY_TIME, read_some(response)).await;
                Ok(status)
            }
            Err(error) => Err(self.told(error)),
        }
    }

    /// A sentence for the log of deliveries: without the URL, which may hold a key.
    fn told(&self, error: reqwest::Error) -> String {
        let text = match refused(&error) {
            Some(refused) => refused.to_string(),
            None if error.is_timeout() && error.is_connect() => "no connection in time".into(),
            None if error.is_timeout() => {
                format!("no answer within {} ms", self.timeout.as_millis())
            }
            None if error.is_connect() => format!("no connection: {}", cause(&error)),
            None => format!("no answer: {}", cause(&error)),
        };
        text.chars().filter(|c| !c.is_control()).take(LONGEST_ERROR).collect()
    }
}

async fn read_some(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > BODY_LIMIT {
            return;
        }
    }
}

/// The innermost cause: those around it only say where it was noticed.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn refused(error: &reqwest::Error) -> Option<&Refused> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        source = error.source();
    }
    None
}

/// A name that leads where nobody may be called.
#[derive(Debug)]
struct Refused {
    name: String,
    address: IpAddr,
    what: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refused { name, address, what } = self;
        write!(f, "{name} leads to {address}, which is {what} and may not be called")
    }
}

impl Error for Refused {}

/// Resolves a name once for each connection, and gives the client only addresses that were checked, so
/// that a name cannot mean one thing when it is checked and another when it is called.
struct Checked {
    allow_private: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let name = name.as_str();
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            if !allow_private {
                check(name, &addresses)?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// One forbidden address is enough: a name with a public and a private one is nobody's by accident.
fn check(name: &str, addresses: &[SocketAddr]) -> Result<(), Refused> {
    let forbidden = |socket: &SocketAddr| {
        let what = address::forbidden(socket.ip())?;
        Some(Refused { name: name.to_owned(), address: socket.ip(), what })
    };
    addresses.iter().find_map(forbidden).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_when_any_of_its_addresses_is_forbidden() {
        let sockets = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|a| SocketAddr::new(a.parse().unwrap(), 0)).collect()
        };
        assert!(check("a.test", &sockets(&["8.8.8.8", "2606:4700::1111"])).is_ok());
        let refused = check("a.test", &sockets(&["8.8.8.8", "10.0.0.1"])).unwrap_err();
        let told = "a.test leads to 10.0.0.1, which is private and may not be called";
        assert_eq!(refused.to_string(), told);
    }
}
