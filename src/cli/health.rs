//! `wsa health`: whether a process is ready, for the health check of a container and for scripts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use reqwest::{StatusCode, Url, redirect};

use crate::database::error::chain;
use crate::protocols::ALL;
use crate::runtime::tls::{self, ClientTls};
use crate::terminal::output::{self, printable};

const READYZ: &str = "/readyz";
/// Longer than any report of a process that runs.
const LONGEST_REPORT: usize = 4096;

/// `wsa health`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the process is ready, 1 it is not, or it does not answer.")]
pub(super) struct Health {
    /// The process, like http://127.0.0.1:9101. Without it: the one that listens at http.listen of the settings,
    /// on this machine. Its certificate is then not checked.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Trust these authorities instead of the system's, when the URL is https://.
    #[arg(long, value_name = "FILE", env = "WSA_CA")]
    ca: Option<PathBuf>,
    /// The certificate to show to a process that asks for one.
    #[arg(long, value_name = "FILE", requires_all = ["key", "url"])]
    certificate: Option<PathBuf>,
    /// Its key.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// How long to wait for the answer, in seconds.
    #[arg(
        long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    timeout: u64,
}

impl Health {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let (url, http) = match &self.url {
            Some(given) => (address(given)?, self.client()?),
            None => {
                let settings = ALL.settings(&[])?;
                let own =
                    own_address(settings.http.listen, tls::server::is_set(&settings.http.tls)?);
                tls::ready();
                // It is this machine that is asked, by a name that its certificate need not have.
                (own.parse()?, reqwest::Client::builder().tls_danger_accept_invalid_certs(true))
            }
        };
        let http = http.redirect(redirect::Policy::none()).no_proxy();
        let http = http.timeout(Duration::from_secs(self.timeout)).build()?;
        let lost = |error: reqwest::Error| {
            anyhow!(
                "no answer from {url}: {}; `wsa up` starts a process, --url names another one",
                chain(&error.without_url())
            )
        };
        let response = http.get(url.clone()).send().await.map_err(lost)?;
        let status = response.status();
        let body = response.bytes().await.map_err(lost)?;
        let report = String::from_utf8_lossy(&body[..body.len().min(LONGEST_REPORT)]).into_owned();
        let report = printable(report.trim()).into_owned();
        match status {
            StatusCode::OK => output::line(format_args!("ready: {report}"))?,
            StatusCode::SERVICE_UNAVAILABLE => bail!("not ready: {report}"),
            other => bail!(
                "{url} answers HTTP {}, which no wsa does: {report:?}; --url names another process",
                other.as_u16()
            ),
        }
        Ok(ExitCode::SUCCESS)
    }

    fn client(&self) -> anyhow::Result<reqwest::ClientBuilder> {
        let file = |named: &Option<PathBuf>| named.clone().unwrap_or_default();
        let [ca, certificate, key] = [&self.ca, &self.certificate, &self.key].map(file);
        Ok(tls::http_client_with("--", &ClientTls { ca, certificate, key })?)
    }
}

/// Where `/readyz` of the process at a URL is.
fn address(given: &str) -> anyhow::Result<Url> {
    let wrong = |why: &str| anyhow!("--url is {given:?}: {why}, like http://127.0.0.1:8080");
    let mut url =
        Url::parse(given).map_err(|error| wrong(&format!("{error}; it must be a URL")))?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(wrong("it must begin with http:// or https://"));
    }
    let path = url.path().trim_end_matches('/').trim_end_matches(READYZ);
    let path = format!("{path}{READYZ}");
    url.set_path(&path);
    Ok(url)
}

/// The same of the process that listens there: on every address means on the loopback interface too.
fn own_address(listen: SocketAddr, tls: bool) -> String {
    let mut at = listen;
    if at.ip().is_unspecified() {
        at.set_ip(match at.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{at}{READYZ}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_added_to_what_a_person_types() {
        for given in ["http://h:9101", "http://h:9101/", "http://h:9101/readyz"] {
            assert_eq!(address(given).unwrap().as_str(), "http://h:9101/readyz");
        }
        assert_eq!(address("https://h/wsa").unwrap().as_str(), "https://h/wsa/readyz");
        for given in ["h:9101", "ftp://h", ""] {
            let error = address(given).unwrap_err().to_string();
            assert!(error.starts_with(&format!("--url is {given:?}: ")), "{error}");
        }
    }

    #[test]
    fn a_process_that_listens_everywhere_is_asked_on_the_loopback_interface() {
        let own = |listen: &str, tls| own_address(listen.parse().unwrap(), tls);
        assert_eq!(own("0.0.0.0:8080", false), "http://127.0.0.1:8080/readyz");
        assert_eq!(own("[::]:8080", true), "https://[::1]:8080/readyz");
        assert_eq!(own("10.1.2.3:9101", false), "http://10.1.2.3:9101/readyz");
    }
}
