//! A till: opens orders, changes them, and listens by long poll.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wsa::protocols::whiteserver::http::till::{ACKNOWLEDGE, EVENTS, ORDERS};

use super::http::Door;
use super::{Clients, PAUSE};
use crate::till::{Seen, TOKEN};

/// How many orders are worked on at once.
const WAITERS: usize = 3;
/// Between two changes.
const THINKS: Duration = Duration::from_millis(150);
/// How long it waits for a reply; what it asked for goes on all the same.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works until `over`. The tracker is empty when it has heard of everything that was done.
pub(super) fn start(clients: &Arc<Clients>, over: &CancellationToken) -> TaskTracker {
    let (waiters, tracker) = (TaskTracker::new(), TaskTracker::new());
    for waiter in 0..WAITERS {
        waiters.spawn(work(Arc::clone(clients), waiter, over.clone()));
    }
    waiters.close();
    tracker.spawn(listen(Arc::clone(clients), waiters));
    tracker.close();
    tracker
}

/// What a waiter does to an order, one after the other.
fn changes(number: usize) -> [(Method, &'static str, Value); 4] {
    let dishes = |rubles: usize| json!({"products": [{"id": "1", "name": "Fish", "price": rubles, "quantity": 1}]});
    [
        (Method::PATCH, "", dishes(number + 2)),
        (Method::POST, "/bill", json!({})),
        (Method::DELETE, "/bill", json!({})),
        (Method::PATCH, "", dishes(number + 3)),
    ]
}

async fn work(clients: Arc<Clients>, waiter: usize, over: CancellationToken) {
    for number in 0.. {
        let order = Uuid::new_v4();
        let new = json!({"orderGuid": order, "products": [
            {"id": "1", "name": "Fish", "price": number + 1, "quantity": 1}]});
        let (path, key) = (format!("{ORDERS}/{order}"), format!("{waiter}-{number}"));
        let mut version = 0;
        let opening = std::iter::once((Method::POST, ORDERS.to_owned(), new));
        let changes = changes(number);
        let changes =
            changes.into_iter().map(|(how, end, body)| (how, format!("{path}{end}"), body));
        for (step, (method, path, body)) in opening.chain(changes).enumerate() {
            if over.is_cancelled() {
                return;
            }
            let if_match = (step > 0).then_some(version);
            let ask = Ask { method, path, key: Some(format!("{key}-{step}")), if_match, body };
            let (status, told, task) = clients.door.told(waiter, &ask).await;
            let seen = Seen::read(&told["order"], task.as_deref());
            match (status, seen) {
                (200 | 201, Some(seen)) if seen.version == version + 1 => {
                    version = seen.version;
                    clients.client_log.record_at_till(|log| log.done.push(seen));
                }
                // Not done, and it never will be.
                (500 | 504, _) => clients.client_log.record_at_till(|log| {
                    *log.undone.entry(status).or_default() += 1;
                }),
                _ => {
                    let odd = format!("{ask:?} at version {version}: {status} {told}");
                    clients.client_log.record_at_till(|log| log.odd.push(odd));
                }
            }
            if version == 0 {
                break;
            }
            sleep(THINKS).await;
        }
    }
}

/// Reads on from what it has heard last, and now and then from what it has not acknowledged.
async fn listen(clients: Arc<Clients>, waiters: TaskTracker) {
    let mut after = 0;
    for round in 1_usize.. {
        let was_over = waiters.is_empty();
        let forgot = round % 7 == 0;
        let from = if forgot { String::new() } else { format!("after={after}&") };
        let ask = Ask::get(format!("{EVENTS}?{from}wait=2"));
        let (status, told, _) = clients.door.told(round, &ask).await;
        let events = told["events"].as_array().cloned().unwrap_or_default();
        clients.client_log.record_at_till(|log| {
            if status != 200 {
                log.odd.push(format!("{ask:?}: {status} {told}"));
            }
            let mut last = if forgot { 0 } else { after };
            for entry in &events {
                let (cursor, event) = (entry["cursor"].as_i64(), &entry["event"]);
                let seen = Seen::read(&event["order"], event["taskGuid"].as_str());
                log.times += 1;
                match (cursor, seen) {
                    (Some(cursor), Some(seen)) if cursor > last => {
                        last = cursor;
                        let first = log.events.entry(cursor).or_insert_with(|| seen.clone());
                        if *first != seen {
                            let odd = format!("event {cursor} was {first:?}, then {seen:?}");
                            log.odd.push(odd);
                        }
                    }
                    _ => log.odd.push(format!("after {last}: {entry}")),
                }
            }
        });
        if was_over && events.is_empty() && !forgot && status == 200 {
            return;
        }
        after = told["cursor"].as_i64().unwrap_or(after);
        if round % 3 == 0 {
            let body = json!({ "upTo": after });
            let path = ACKNOWLEDGE.to_owned();
            let ask = Ask { method: Method::POST, path, key: None, if_match: None, body };
            clients.door.told(round, &ask).await;
        }
    }
}

/// A request of the till.
#[derive(Debug)]
struct Ask {
    method: Method,
    path: String,
    key: Option<String>,
    if_match: Option<i64>,
    body: Value,
}

impl Ask {
    fn get(path: String) -> Ask {
        Ask { method: Method::GET, path, key: None, if_match: None, body: Value::Null }
    }
}

impl Door {
    /// Asks until it is told: the status, the body, and the task.
    async fn told(&self, first: usize, ask: &Ask) -> (u16, Value, Option<String>) {
        let mut attempt = first;
        loop {
            // Whoever is told to come again was not accepted, or has a name for what may have been.
            match self.try_at_till(attempt, ask).await {
                None | Some((408 | 429 | 503, ..)) => sleep(PAUSE).await,
                Some(told) => return told,
            }
            attempt += 1;
        }
    }

    async fn try_at_till(&self, attempt: usize, ask: &Ask) -> Option<(u16, Value, Option<String>)> {
        let url = &self.urls()[attempt % self.urls().len()];
        let mut request = self
            .http()
            .request(ask.method.clone(), format!("{url}{}", ask.path))
            .header("Authorization", format!("Bearer {TOKEN}"))
            .timeout(PATIENCE);
        if let Some(key) = &ask.key
            && ask.path != ORDERS
        {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(version) = ask.if_match {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        if !ask.body.is_null() {
            request = request.header("Content-Type", "application/json").body(ask.body.to_string());
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let task = response.headers().get("x-task-guid");
        let task = task.and_then(|guid| guid.to_str().ok()).map(str::to_owned);
        let text = response.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text)), task))
    }
}
