//! Which service a command calls, and as whom; and waiting there for an answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use wsa_client::{Answered, AskError, Client, Look};

use super::answer::{self, NOT_KNOWN};
use crate::domain::task::{LONGEST_TIMEOUT_S, TaskGuid};
use crate::protocols::whiteserver::wire::request::LONGEST_WAIT_S;
use crate::runtime::tls::{self, ClientTls};
use crate::terminal::output::{self, Waiting, printable};

/// For how long a command tries to hand something in while the service is not there or sends everybody away.
const PATIENCE: Duration = Duration::from_secs(5);
/// For how long after a task's deadline a service that cannot be reached is asked for its answer.
const GRACE: Duration = Duration::from_secs(30);
/// How soon to ask again, at first and in the end.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// Which service, and as whom.
#[derive(Debug, Args)]
pub(super) struct Service {
    /// The service.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Your token.
    #[arg(long, env = "WSA_TOKEN", hide_env_values = true)]
    token: SecretString,
    /// Trust these authorities instead of the system's, when the URL is https://.
    #[arg(long, value_name = "FILE", env = "WSA_CA")]
    ca: Option<PathBuf>,
    /// The certificate to show to a service that asks for one.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its key.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Print the answer as it came.
    #[arg(long)]
    pub(super) json: bool,
}

impl Service {
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let file = |named: &Option<PathBuf>| named.clone().unwrap_or_default();
        let [ca, certificate, key] = [&self.ca, &self.certificate, &self.key].map(file);
        let http = tls::http_client_with("--", &ClientTls { ca, certificate, key })?
            .user_agent(concat!("wsa/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        let builder = Client::builder(&self.url, self.token.expose_secret());
        let client = builder.http(http).patience(PATIENCE).build();
        client.map_err(|error| anyhow!("--{error}"))
    }

    /// Waits for the answer of a task, and says it.
    pub(super) async fn wait(
        &self,
        client: &Client,
        guid: TaskGuid,
        timeout_s: Option<i64>,
    ) -> anyhow::Result<ExitCode> {
        let waiting = Waiting::begin(format!("waiting for the answer of task {guid}"));
        let answer = wait(client, guid, timeout_s, &waiting).await;
        drop(waiting);
        match answer {
            Ok(answered) => self.show(&answered),
            Err(AskError::NoAnswer { why, .. }) => Ok(not_known(format!(
                "{why}; the outcome is not known, `wsa task wait {guid}` asks again"
            ))),
            Err(error) => self.untold(&error),
        }
    }

    /// Says the outcome of a task.
    pub(super) fn show(&self, answered: &Answered) -> anyhow::Result<ExitCode> {
        self.print(answered.raw(), &answer::told(answered), answer::exit_code(answered))
    }

    /// Says that the service does not tell.
    pub(super) fn untold(&self, error: &AskError) -> anyhow::Result<ExitCode> {
        match error {
            AskError::TaskNotFound(why)
            | AskError::AnswerExpired(why)
            | AskError::Rejected(why) => {
                let told = format!("the service does not tell: {}", answer::reason(why));
                self.print(why.raw(), &told, NOT_KNOWN)
            }
            AskError::NoAnswer { why, .. } => Ok(not_known(why)),
        }
    }

    /// Prints what came, for people or as it is.
    pub(super) fn print(&self, raw: &str, told: &str, code: u8) -> anyhow::Result<ExitCode> {
        output::line(if self.json { raw } else { told })?;
        Ok(ExitCode::from(code))
    }
}

/// Ends a command after which nobody may think that nothing was done.
pub(super) fn not_known(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("wsa: {}", printable(&error.to_string()));
    ExitCode::from(NOT_KNOWN)
}

/// Asks until the task is answered. A service that cannot be reached is asked again until the task's deadline is well
/// over: known from its own words, else `timeout_s`, else the longest.
async fn wait(
    client: &Client,
    guid: TaskGuid,
    timeout_s: Option<i64>,
    waiting: &Waiting,
) -> Result<Answered, AskError> {
    let timeout = Duration::from_secs(timeout_s.unwrap_or(LONGEST_TIMEOUT_S).unsigned_abs());
    let mut until = Instant::now() + timeout + GRACE;
    let [first_pause, last_pause] = PAUSES;
    let mut pause = first_pause;
    let mut lost = false;
    // Short at first: a service that says by when it will answer need not be asked for an hour.
    let mut wait_s = 1;
    loop {
        let asked = Instant::now();
        match client.look_up_for(guid.0, wait_s).await {
            Ok(Look::Answered(answered)) => return Ok(answered),
            Ok(Look::InProgress { description, .. }) => {
                if let Some(remaining) = remaining(&description, Timestamp::now()) {
                    until = Instant::now() + remaining + GRACE;
                }
                wait_s = u32::try_from(LONGEST_WAIT_S).unwrap_or(1);
                if asked.elapsed() < first_pause {
                    sleep(first_pause).await;
                }
            }
            Err(AskError::NoAnswer { why, passing: true }) => {
                if Instant::now() + pause > until {
                    let why = format!("{why}; the task's deadline is over, gave up");
                    return Err(AskError::NoAnswer { why, passing: true });
                }
                if !lost {
                    waiting.say(&format!("{why}; the task is kept by the service, asking again"));
                    lost = true;
                }
                sleep(pause).await;
                pause = last_pause.min(pause * 2);
                continue;
            }
            Err(error) => return Err(error),
        }
        if std::mem::take(&mut lost) {
            waiting.say("the service answers again");
        }
        pause = first_pause;
    }
}

/// How long it is until the moment that the sentence about an open task names; not less than nothing.
fn remaining(desc: &str, now: Timestamp) -> Option<Duration> {
    let word = |word: &str| word.trim_end_matches(';').parse::<Timestamp>().ok();
    let deadline = desc.split_whitespace().find_map(word)?;
    Some(Duration::try_from(deadline.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_says_how_long_to_go_on() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let open =
            "the task is not answered yet; it will be by its deadline 2026-11-22T12:01:30.500Z";
        assert_eq!(remaining(open, now), Some(Duration::from_millis(90_500)));
        let paused = format!("{open}; its object is paused");
        assert_eq!(remaining(&paused, now), Some(Duration::from_millis(90_500)));
        assert_eq!(remaining("by 2026-11-22T11:00:00Z", now), Some(Duration::ZERO));
        assert_eq!(remaining("some day", now), None);
    }

    #[test]
    fn a_wrong_url_is_named_with_its_rule() {
        let service = |url: &str| Service {
            url: url.into(),
            token: "token".into(),
            ca: None,
            certificate: None,
            key: None,
            json: false,
        };
        for given in ["127.0.0.1:8080", "localhost:8080", "ftp://h", "", "http://"] {
            let error = service(given).client().unwrap_err().to_string();
            assert!(error.starts_with(&format!("--url is {given:?}: ")), "{error}");
            assert!(error.ends_with("like http://127.0.0.1:8080"), "{error}");
        }
        assert!(service("http://127.0.0.1:1").client().is_ok());
    }
}
