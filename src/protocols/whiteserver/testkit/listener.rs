//! A listener: takes answers and events out of the aggregator's own queues with ListenQueue, for as long as the run
//! lasts.

use axum::body::Body;
use axum::http::Request;
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::TOKEN;
use crate::protocols::whiteserver::http::LISTEN_QUEUE;
use crate::simulation::network::Network;
use crate::simulation::tasks::none;

/// Lets the queues be filled. Without somebody who listens they would only grow. That of answers begins with the first
/// call; that of events has begun, for it has none of the time before.
pub(super) fn open_queues(database: &Connection) -> rusqlite::Result<()> {
    let open = "UPDATE mailboxes SET open = 1, begun = (kind = 'event_queue')
                WHERE kind IN ('task_queue', 'event_queue')";
    database.prepare_cached(open)?.execute([]).map(drop)
}

/// Whether anybody was to listen.
pub(super) fn listens(database: &Connection) -> rusqlite::Result<bool> {
    none(database, "SELECT count(*) AS found FROM mailboxes WHERE kind = 'task_queue' AND NOT open")
}

/// Listens, and never ends.
pub(super) async fn run(network: Network) {
    loop {
        if let Some((200, body)) = network.ask(request()).await
            && let Some(subject) = subject(&body)
        {
            network.simulation.heard.listened(subject, &body);
        }
        // The next one is told the rest.
        network.pause(1, 300).await;
    }
}

fn request() -> Request<Body> {
    Request::post(LISTEN_QUEUE)
        .header("AggregatorAuthentication", TOKEN)
        .header("Content-Type", "application/json")
        .body(Body::from(json!({"queueType": "AllQueues"}).to_string()))
        .unwrap()
}

/// The task or the event that a notification is about; `None` when it is none.
fn subject(body: &str) -> Option<Uuid> {
    let body: Value = serde_json::from_str(body).ok()?;
    let event = &body["eventResponse"]["eventGuid"];
    let guid = if event.is_null() { &body["responseCommon"]["taskGuid"] } else { event };
    guid.as_str()?.parse().ok()
}
