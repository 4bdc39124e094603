//! What happened to the orders of a restaurant: a long poll, and its acknowledgement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::{self, timeout_at};

use super::error::Problem;
use super::{Api, authenticate, finish};
use crate::domain::task::ObjectId;
use crate::engine::app::App;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::wire::till::{self, request};
use crate::queue::Heard;
use crate::web::presence::caller_is_gone;
use crate::web::request::read_body;

/// How many events an answer has at most.
pub(crate) const MOST: usize = 100;
/// How long a waiter trusts in announcements before it looks for itself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The handler of GET of the events.
pub(super) async fn listen(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let started = Instant::now();
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let (after, wait_s) = request::events_query(&query.unwrap_or_default())?;
        let after = match after {
            Some(after) => after,
            None => acknowledged(&api.app, caller.object).await?,
        };
        let until = time::Instant::now() + Duration::from_secs(wait_s);
        let events = wait(&api.app, caller.object, after, until).await?;
        let cursor = events.last().map_or(after, |(number, _)| *number);
        Ok((StatusCode::OK, till::events(&events, cursor)))
    };
    let answered = answered.await;
    finish(&api, "till.ListenEvents", started, answered)
}

async fn acknowledged(app: &App, object: ObjectId) -> Result<i64, Problem> {
    let counts = Tables::of(&app.store).till_counts(object).await?;
    Ok(counts.map_or(0, |counts| counts.acknowledged))
}

/// The events after this one, as soon as there are some.
async fn wait(
    app: &App,
    object: ObjectId,
    after: i64,
    until: time::Instant,
) -> Result<Vec<(i64, String)>, Problem> {
    // Listening begins before looking, so nothing is missed in between.
    let heard = Heard::of(&app.queue);
    loop {
        let events = Tables::of(&app.store).till_events(object, after, MOST).await?;
        let now = time::Instant::now();
        if !events.is_empty() || now >= until {
            return Ok(events);
        }
        tokio::select! {
            biased;
            // While this service ends, long polls end early.
            () = app.shutdown.no_new_requests.cancelled() => return Ok(events),
            () = caller_is_gone() => return Ok(events),
            _ = timeout_at(until.min(now + LOOK_AGAIN), something_happened(&heard, object)) => {}
        }
    }
}

/// Returns when a task of the object was answered, or when that may have been missed.
async fn something_happened(heard: &Heard, object: ObjectId) {
    while let Ok(announcement) = heard.next().await {
        if announcement.answered.iter().any(|key| key.object == object) {
            return;
        }
    }
    // What was missed is looked for; where nobody announces any more, there is a pause before that.
    time::sleep(Duration::from_millis(100)).await;
}

/// The handler of POST of an acknowledgement.
pub(super) async fn acknowledge(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = Instant::now();
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let body = read_body(&api.app, &headers, body).await?;
        let up_to = request::acknowledgement(&body)?;
        match Tables::of(&api.app.store).acknowledge(caller.object, up_to).await? {
            Ok(()) => Ok((StatusCode::OK, format!("{{\"acknowledged\":{up_to}}}"))),
            Err(counts) => {
                let desc =
                    format!("upTo: the last event is {}, there is no {up_to} yet", counts.last);
                Err(Refusal::new(Code::EventUnknown, desc).of_field("upTo").into())
            }
        }
    };
    let answered = answered.await;
    finish(&api, "till.AcknowledgeEvents", started, answered)
}
