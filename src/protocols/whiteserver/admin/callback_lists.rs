//! What `wsa admin aggregator callback` lists: the callbacks, and the log of what was posted.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::outbox::SubscriptionId;
use crate::domain::task::ObjectId;
use crate::engine::store::callbacks::ListedCallback;
use crate::engine::store::callbacks::log::{Attempt as Logged, LogFilter};
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};

/// `wsa admin aggregator callback log`
#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Log {
    /// Only callbacks of this caller.
    #[arg(long)]
    name: Option<String>,
    /// Only this callback, by its number in the list.
    #[arg(long, value_name = "ID")]
    id: Option<i64>,
    /// Only attempts that failed.
    #[arg(long)]
    failed: bool,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Callback {
    id: i64,
    aggregator: String,
    url: String,
    answers: bool,
    events: bool,
    event_types: Vec<&'static str>,
    open: bool,
    failing_since: Option<Timestamp>,
    closed_because: Option<String>,
    signature: &'static str,
    old_secret_until: Option<Timestamp>,
    waiting: i64,
}

impl Callback {
    fn state(&self) -> String {
        match (self.open, &self.closed_because, self.failing_since) {
            (true, _, None) => "on".into(),
            (true, _, Some(since)) => format!("on, failing since {}", moment(since)),
            (false, Some(reason), _) => format!("off: {reason}"),
            (false, None, _) => "off".into(),
        }
    }
}

impl Listed for Callback {
    const COLUMNS: &'static [&'static str] =
        &["id", "aggregator", "url", "posts", "state", "waiting", "signature", "old secret until"];

    fn cells(&self) -> Vec<String> {
        let answers = self.answers.then_some("answers");
        let posts: Vec<_> = answers.into_iter().chain(self.event_types.iter().copied()).collect();
        vec![
            self.id.to_string(),
            self.aggregator.clone(),
            self.url.clone(),
            posts.join(", "),
            self.state(),
            self.waiting.to_string(),
            self.signature.into(),
            self.old_secret_until.map(moment).unwrap_or_default(),
        ]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    attempted_at: Timestamp,
    callback: i64,
    aggregator: String,
    url: String,
    object_id: ObjectId,
    subject: Uuid,
    is_event: bool,
    attempt: i64,
    took_ms: i64,
    status: Option<i64>,
    error: Option<String>,
    next_at: Option<Timestamp>,
}

impl Attempt {
    fn delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl Listed for Attempt {
    const COLUMNS: &'static [&'static str] =
        &["at", "callback", "object", "of", "guid", "attempt", "result", "ms", "next"];

    fn cells(&self) -> Vec<String> {
        let result = match (&self.status, &self.error) {
            (Some(status), _) => status.to_string(),
            (None, error) => error.clone().unwrap_or_default(),
        };
        let next = match self.next_at {
            Some(next) => moment(next),
            None if self.delivered() => "delivered".into(),
            None => "given up".into(),
        };
        vec![
            moment(self.attempted_at),
            self.callback.to_string(),
            self.object_id.to_string(),
            if self.is_event { "event" } else { "answer" }.into(),
            self.subject.to_string(),
            self.attempt.to_string(),
            result,
            self.took_ms.to_string(),
            next,
        ]
    }
}

pub(super) async fn list(on: &StoreFlags, protocols: &'static ProtocolList) -> anyhow::Result<()> {
    let callbacks = on.open(protocols).await?.callbacks().await?.into_iter();
    let rows: Vec<Callback> = callbacks.map(Callback::from).collect();
    Ok(output::list(&rows, on.json)?)
}

impl Log {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        let aggregator = match &self.name {
            Some(name) => Some(store::aggregator(&store, name).await?.id),
            None => None,
        };
        let callback = self.id.map(SubscriptionId);
        let filter = LogFilter { aggregator, callback, failed: self.failed, most: self.limit };
        let attempts = store.delivery_log(filter).await?.into_iter();
        let rows: Vec<Attempt> = attempts.map(Attempt::from).collect();
        Ok(output::list(&rows, self.on.json)?)
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl From<ListedCallback> for Callback {
    fn from(c: ListedCallback) -> Callback {
        Callback {
            id: c.id.0,
            aggregator: c.aggregator,
            url: c.url,
            answers: c.answers,
            events: !c.events.is_empty(),
            event_types: c.events.names(),
            open: c.open,
            failing_since: c.failing_since,
            closed_because: c.closed_because,
            signature: c.signature.as_str(),
            old_secret_until: c.old_secret_until,
            waiting: c.waiting,
        }
    }
}

impl From<Logged> for Attempt {
    fn from(a: Logged) -> Attempt {
        Attempt {
            attempted_at: a.attempted_at,
            callback: a.callback.0,
            aggregator: a.aggregator,
            url: a.url,
            object_id: a.object,
            subject: a.subject,
            is_event: a.is_event,
            attempt: a.attempt,
            took_ms: a.took_ms,
            status: a.status,
            error: a.error,
            next_at: a.next_at,
        }
    }
}
