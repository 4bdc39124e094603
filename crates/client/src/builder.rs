//! Settings of a client.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{ClientBuilder, Url, redirect};
use rustls::crypto::ring;

use crate::client::Client;

/// Where tasks are sent, below the address of the service.
const CREATE: &str = "/wsserverlp/api/v2/aggregators/Create";
/// Where queues are listened to.
const LISTEN_QUEUE: &str = "/wsserverlp/api/v2/aggregators/ListenQueue";
/// For how long a client goes on when the service does not answer, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(60);
/// How soon a connection is known to be lost when the other machine is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// A setting that a client cannot have.
#[derive(Debug, thiserror::Error)]
#[error("{name} is {value:?}: {rule}")]
pub struct InvalidSetting {
    /// Which.
    pub name: &'static str,
    /// As it was given; a token is not shown.
    pub value: String,
    /// What it must be.
    pub rule: String,
}

/// A client in the making: [`Client::builder`].
pub struct Builder {
    url: String,
    token: String,
    http: Option<ClientBuilder>,
    patience: Duration,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Builder {
    pub(crate) fn new(url: String, token: String) -> Builder {
        Builder { url, token, http: None, patience: PATIENCE }
    }

    /// For how long a submission is tried again, or an answer asked for, while the service cannot be reached or sends
    /// everybody away (429, 503); 60 s unless it is said.
    pub fn patience(self, patience: Duration) -> Builder {
        Builder { patience, ..self }
    }

    /// With settings of one's own for connections: authorities, a certificate, a proxy. Redirects and repetitions stay
    /// off, because each could send a payment twice, or the token to somebody else.
    pub fn http(self, http: ClientBuilder) -> Builder {
        Builder { http: Some(http), ..self }
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// When the URL is none, or the token or the settings for connections cannot be used.
    pub fn build(self) -> Result<Client, InvalidSetting> {
        let base = self.base()?;
        let mut token = HeaderValue::from_str(&self.token).map_err(|_| InvalidSetting {
            name: "token",
            value: "…".into(),
            rule: "it must be letters, digits and punctuation".into(),
        })?;
        token.set_sensitive(true);
        // An error says that the program has chosen one already.
        let _ = ring::default_provider().install_default();
        let own = self.http.is_some();
        let mut http = self.http.unwrap_or_default();
        if !own {
            http = http.connect_timeout(CONNECT).user_agent(AGENT);
        }
        let http = http
            .tcp_keepalive(KEEP_ALIVE)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|error| InvalidSetting {
                name: "http",
                value: "…".into(),
                rule: format!("no client can be made: {}", crate::send::chain(&error)),
            })?;
        let prefix = base.path().trim_end_matches('/').trim_end_matches(CREATE).to_owned();
        let at = |path: &str| {
            let mut url = base.clone();
            url.set_path(&format!("{prefix}{path}"));
            url
        };
        Ok(Client {
            http,
            token,
            create: at(CREATE),
            listen: at(LISTEN_QUEUE),
            patience: self.patience,
        })
    }

    fn base(&self) -> Result<Url, InvalidSetting> {
        let wrong = |why: &str| InvalidSetting {
            name: "url",
            value: self.url.clone(),
            rule: format!("{why}, like http://127.0.0.1:8080"),
        };
        let base =
            Url::parse(&self.url).map_err(|error| wrong(&format!("{error}; it must be a URL")))?;
        match ["http", "https"].contains(&base.scheme()) && base.has_host() {
            true => Ok(base),
            false => Err(wrong("it must begin with http:// or https://")),
        }
    }
}

const AGENT: &str = concat!("wsa-client/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    fn create(url: &str) -> Result<String, String> {
        let client = Client::new(url, "token").map_err(|error| error.to_string())?;
        assert!(client.listen.path().ends_with(LISTEN_QUEUE));
        Ok(client.create.into())
    }

    #[test]
    fn the_path_is_added_to_the_address() {
        let full = format!("http://h:8080{CREATE}");
        for given in ["http://h:8080", "http://h:8080/", &full] {
            assert_eq!(create(given).as_ref(), Ok(&full));
        }
        assert_eq!(create("http://h/wsa/"), Ok(format!("http://h/wsa{CREATE}")));
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_rule() {
        for given in ["127.0.0.1:8080", "localhost:8080", "ftp://h", "", "http://"] {
            let error = create(given).unwrap_err();
            assert!(error.starts_with(&format!("url is {given:?}: ")), "{error}");
            assert!(error.ends_with("like http://127.0.0.1:8080"), "{error}");
        }
        let error = Client::new("http://h", "secret\n").unwrap_err().to_string();
        assert!(error.starts_with("token is ") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_client_does_not_show_its_token() {
        let client = Client::new("http://h", "secret").unwrap();
        assert!(!format!("{client:?}").contains("secret"));
        assert!(!format!("{:?}", Client::builder("http://h", "secret")).contains("secret"));
    }
}
