//! `wsa listen`: what happens, as it happens; and on to a URL of one's own.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::Zoned;
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use wsa_client::{Answered, AskError, Client, Notification, Queue};

use super::forward::{self, Attempt, Forward, PAUSE, Then};
use super::service::Service;
use crate::callback;
use crate::callback::signature::{Secret, Secrets, SignatureForm};
use crate::terminal::output::{self, printable};

const ABOUT: &str = "It needs nothing but the token of an aggregator, and works against an installation anywhere. It \
takes notifications out of the queues that this aggregator listens to (ListenQueue): a client that listens with the \
same token does not get them as well, and the answers of synchronous tasks are in no queue. Ctrl-C ends it.";

/// How long it waits before it asks a service again that did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// `wsa listen`
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct Listen {
    /// Post each answer and event to this URL, signed, as a callback is posted; without it they are only printed.
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Sign with this secret (whsec_...); a new one is made and printed when none is given.
    #[arg(
        long,
        value_name = "whsec_...",
        env = "WSA_LISTEN_SECRET",
        hide_env_values = true,
        requires = "forward_to"
    )]
    secret: Option<SecretString>,
    /// How the header Signature is written.
    #[arg(long, value_name = "base64|hex", default_value = "base64", requires = "forward_to")]
    signature: SignatureForm,
    /// Count the first N attempts of each delivery as failed, whatever the receiver answers, and post it again.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "forward_to")]
    fail: u32,
    /// What to listen to.
    #[arg(long, value_enum, default_value_t = Heard::All)]
    queue: Heard,
    #[command(flatten)]
    service: Service,
}

/// What is listened to.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Heard {
    /// Answers of tasks.
    Tasks,
    /// Events of orders.
    Events,
    /// Both.
    All,
}

/// What came, and what became of it.
#[derive(Debug, Default)]
struct Counts {
    answers: u64,
    events: u64,
    delivered: u64,
    failed: u64,
    given_up: u64,
}

impl Listen {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.service.client()?;
        let forward = self.forward()?;
        let mut counts = Counts::default();
        let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
        let ended = tokio::select! {
            ended = self.listen(&client, forward.as_ref(), &mut counts) => ended,
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        };
        eprintln!("wsa: {}", counts.told(forward.is_some()));
        ended.map(|()| ExitCode::SUCCESS)
    }

    fn forward(&self) -> anyhow::Result<Option<Forward>> {
        let Some(url) = &self.forward_to else {
            eprintln!("wsa: listening; each answer and event is a line");
            return Ok(None);
        };
        let url = callback::url::read(url, true).map_err(|why| anyhow!("--forward-to: {why}"))?;
        let given = self.secret.as_ref().map(|text| {
            let read = wsa_client::callback::Secret::parse(text.expose_secret());
            let secret = read.map(|secret| Secret::from_bytes(secret.as_bytes().to_vec()));
            secret.map_err(|error| anyhow!("--secret (not shown): {error}"))
        });
        let current = match given.transpose()? {
            Some(secret) => secret,
            None => {
                let secret = Secret::generate();
                output::line(format_args!("secret {}", secret.reveal()))?;
                secret
            }
        };
        eprintln!("wsa: listening; each answer and event is posted to {}", url.as_str());
        let secrets = Secrets { current, old: None, form: self.signature };
        Ok(Some(Forward::new(url.into(), secrets, self.fail)))
    }

    async fn listen(
        &self,
        client: &Client,
        forward: Option<&Forward>,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let mut lost = false;
        loop {
            let heard = match client.listen(self.queue.queue()).await {
                Ok(heard) => heard,
                Err(AskError::NoAnswer { why, passing: true }) => {
                    if !lost {
                        eprintln!("wsa: {}; asking again", printable(&why));
                        lost = true;
                    }
                    sleep(AGAIN).await;
                    continue;
                }
                Err(error) => bail!("{}", printable(&error.to_string())),
            };
            if std::mem::take(&mut lost) {
                eprintln!("wsa: the service answers again");
            }
            if let Some(notification) = heard {
                counts.heard(&notification);
                self.tell(&notification, forward, counts).await?;
            }
        }
    }

    /// Prints what was heard, with a line for each attempt to post it.
    async fn tell(
        &self,
        notification: &Notification,
        forward: Option<&Forward>,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let body = forward::body(notification)?;
        if self.service.json {
            output::line(&body)?;
        }
        let (Some(forward), Some(id)) = (forward, notification.id()) else {
            if !self.service.json {
                output::line(line(notification, ""))?;
            }
            return Ok(());
        };
        for number in 1.. {
            let Attempt { ended, then } = forward.post(id, &body, number).await;
            counts.attempted(then);
            let status = match ended {
                Ok(status) => status.to_string(),
                Err(why) => printable(&why).into_owned(),
            };
            let told = format!("{status}{}", then.told());
            // JSON stays alone on stdout.
            match self.service.json {
                true => eprintln!("{}", line(notification, &told)),
                false => output::line(line(notification, &told))?,
            }
            if matches!(then, Then::Delivered | Then::GivenUp) {
                break;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

impl Heard {
    fn queue(self) -> Queue {
        match self {
            Heard::Tasks => Queue::Tasks,
            Heard::Events => Queue::Events,
            Heard::All => Queue::All,
        }
    }
}

impl Then {
    fn told(self) -> &'static str {
        match self {
            Then::Delivered => "",
            Then::AgainOnPurpose => " (counted as failed, as --fail says), again in 1 s",
            Then::Again => ", again in 1 s",
            Then::GivenUp => ", given up",
        }
    }
}

impl Counts {
    fn heard(&mut self, notification: &Notification) {
        match notification {
            Notification::Answer(_) => self.answers += 1,
            Notification::Event(_) => self.events += 1,
        }
    }

    fn attempted(&mut self, then: Then) {
        match then {
            Then::Delivered => self.delivered += 1,
            Then::AgainOnPurpose | Then::Again => self.failed += 1,
            Then::GivenUp => {
                self.failed += 1;
                self.given_up += 1;
            }
        }
    }

    fn told(&self, forwarded: bool) -> String {
        let Counts { answers, events, delivered, failed, given_up } = self;
        let heard = format!("{answers} answers and {events} events heard");
        if !forwarded {
            return heard;
        }
        let on_the_way = answers + events - delivered - given_up;
        let cut = match on_the_way {
            0 => String::new(),
            some => format!(", {some} cut off by this end"),
        };
        format!(
            "{heard}; {delivered} delivered, {failed} attempts failed, {given_up} given up{cut}"
        )
    }
}

/// Time, kind, guid, what it says, and what the receiver answered.
fn line(notification: &Notification, status: &str) -> String {
    let id = notification.id().map(|id| id.to_string()).unwrap_or_default();
    let (kind, what) = match notification {
        Notification::Answer(Answered::Done(done)) => {
            ("answer", format!("{} done", done.task_type))
        }
        Notification::Answer(
            Answered::Refused(why) | Answered::TimedOut(why) | Answered::Cancelled(why),
        ) => ("answer", why.code.clone()),
        Notification::Event(event) => ("event ", event.event_type.clone()),
    };
    let time = Zoned::now().strftime("%H:%M:%S");
    let line = format!("{time} {kind} {id} {} {status}", printable(&what));
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_counted() {
        let mut counts = Counts { answers: 2, events: 3, ..Counts::default() };
        [Then::Delivered, Then::AgainOnPurpose, Then::Again, Then::GivenUp, Then::Delivered]
            .into_iter()
            .for_each(|then| counts.attempted(then));
        assert_eq!(
            counts.told(true),
            "2 answers and 3 events heard; 2 delivered, 3 attempts failed, 1 given up, 2 cut off by \
             this end"
        );
        assert_eq!(counts.told(false), "2 answers and 3 events heard");
    }
}
