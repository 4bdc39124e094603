//! Callbacks: where they post, how they are, what waits, what was tried.

use jiff::Timestamp;
use serde::Serialize;

use crate::callback::url::without_values;
use crate::domain::outbox::SubscriptionId;
use crate::engine::store::Store;
use crate::engine::store::callbacks::ListedCallback;
use crate::engine::store::callbacks::log::{Attempt, LogFilter};
use crate::engine::store::callbacks::replaying::{Replay, ReplayFilter, Replayable as Kind};
use crate::ops::access::{Operator, Role};
use crate::ops::problem::{Problem, conflict, not_found};

/// The role that sees whole URLs. Others see no values in a query: they may be secrets.
pub const WHOLE_URLS: Role = Role::Finance;

/// A callback.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// Its number.
    pub id: i64,
    /// The name of whose it is.
    pub caller: String,
    /// Where it posts. The values in its query are masked for roles below finance.
    pub url: String,
    /// Whether answers of tasks are posted.
    pub answers: bool,
    /// Which events are.
    pub events: String,
    /// Whether anything is posted at all.
    pub open: bool,
    /// `ok`, `failing` or `off`.
    pub health: &'static str,
    /// Since when it takes nothing.
    pub failing_since: Option<Timestamp>,
    /// Why the service itself switched it off.
    pub closed_because: Option<String>,
    /// Until when the secret before signs too.
    pub old_secret_until: Option<Timestamp>,
    /// How many notifications wait.
    pub waiting: i64,
}

impl From<ListedCallback> for Callback {
    fn from(of: ListedCallback) -> Callback {
        let health = match (of.open, of.failing_since) {
            (false, _) => "off",
            (true, Some(_)) => "failing",
            (true, None) => "ok",
        };
        Callback {
            id: of.id.0,
            caller: of.aggregator,
            url: of.url,
            answers: of.answers,
            events: of.events.to_string(),
            open: of.open,
            health,
            failing_since: of.failing_since,
            closed_because: of.closed_because,
            old_secret_until: of.old_secret_until,
            waiting: of.waiting,
        }
    }
}

/// An attempt to post to a callback.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// The callback.
    pub callback: i64,
    /// Where it posted. The values in its query are masked for roles below finance, and beside a task.
    pub url: String,
    /// The object it was about.
    pub object_id: i64,
    /// The guid of the task, or of the event.
    pub subject: uuid::Uuid,
    /// Whether it was an event.
    pub is_event: bool,
    /// 1 for the first.
    pub attempt: i64,
    /// When it was made.
    pub attempted_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The status of the answer.
    pub status: Option<i64>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// When it is tried again; `None`: delivered or given up.
    pub next_at: Option<Timestamp>,
}

impl From<Attempt> for Tried {
    fn from(of: Attempt) -> Tried {
        Tried {
            callback: of.callback.0,
            url: of.url,
            object_id: of.object.0,
            subject: of.subject,
            is_event: of.is_event,
            attempt: of.attempt,
            attempted_at: of.attempted_at,
            took_ms: of.took_ms,
            status: of.status,
            error: of.error,
            next_at: of.next_at,
        }
    }
}

/// How many answers and events can be posted once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replayable {
    /// Answers of tasks.
    pub answers: u64,
    /// Events of orders.
    pub events: u64,
}

impl Replayable {
    /// Both.
    pub fn total(self) -> u64 {
        self.answers + self.events
    }
}

/// More than this is replayed in several goes.
pub const MOST: i64 = 10_000;

/// A URL as this operator sees it.
fn url_for(operator: &Operator, url: &mut String) {
    if !operator.may(WHOLE_URLS) {
        *url = without_values(url);
    }
}

/// Every callback, as this operator sees them.
pub async fn callbacks(store: &Store, operator: &Operator) -> Result<Vec<Callback>, Problem> {
    let mut all: Vec<Callback> = store.callbacks().await?.into_iter().map(Callback::from).collect();
    all.iter_mut().for_each(|one| url_for(operator, &mut one.url));
    Ok(all)
}

/// One; 404 when there is none.
pub async fn listed(store: &Store, id: i64) -> Result<ListedCallback, Problem> {
    let found = store.callbacks().await?.into_iter().find(|one| one.id == SubscriptionId(id));
    found.ok_or_else(|| not_found(format!("there is no callback {id}")))
}

/// The newest attempts to post to a callback, as this operator sees them.
pub async fn attempts(
    store: &Store,
    operator: &Operator,
    id: i64,
    failed: bool,
    most: i64,
) -> Result<Vec<Tried>, Problem> {
    let callback = listed(store, id).await?.id;
    let filter = LogFilter { aggregator: None, callback: Some(callback), failed, most };
    let mut all: Vec<Tried> =
        store.delivery_log(filter).await?.into_iter().map(Tried::from).collect();
    all.iter_mut().for_each(|one| url_for(operator, &mut one.url));
    Ok(all)
}

/// What can be posted once more, and how much that is. 409 when it is too much for one go.
pub async fn replayable(
    store: &Store,
    id: i64,
    filter: &ReplayFilter,
) -> Result<(Vec<Replay>, Replayable), Problem> {
    listed(store, id).await?;
    let found = store.replayable(SubscriptionId(id), filter, MOST + 1).await?;
    if found.len() > MOST as usize {
        return Err(conflict(format!("more than {MOST} match: narrow them, by time perhaps")));
    }
    let answers = found.iter().filter(|one| one.kind == Kind::Answer).count() as u64;
    let count = Replayable { answers, events: found.len() as u64 - answers };
    Ok((found, count))
}
