//! Parts of pages that change while they are looked at: events from the server, each a part rendered anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use maud::Markup;
use tokio::time::sleep;

use super::figures::Figures;
use super::respond::Answer;
use super::{Console, visitor};
use crate::ops::problem::Problem;

/// How often it is looked whether somebody is still logged in: who is not sees no more.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// A part of a page: its name, and how it looks.
pub(super) type Part = (&'static str, Markup);

/// That somebody is logged in: a stream leads nobody to a form.
pub(super) async fn require(console: &Console, headers: &HeaderMap) -> Result<(), Problem> {
    let found = visitor::of(&console.ops, headers).await?;
    found.map(drop).ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "nobody is logged in"))
}

/// Parts of a page, at once and then with each change of the figures.
pub(super) async fn of_figures(
    console: &Console,
    headers: &HeaderMap,
    render: impl Fn(&Figures) -> Vec<Part> + Send + Sync + 'static,
) -> Answer {
    require(console, headers).await?;
    let mut looking = console.live.look();
    looking.mark_changed();
    let render = Arc::new(render);
    let changes = stream::unfold((looking, render), async |(mut looking, render)| {
        looking.changed().await.ok()?;
        let parts = render(&looking.borrow_and_update());
        Some((parts, (looking, render)))
    });
    Ok(answer(console, headers, changes))
}

/// A stream of parts, until the session or the process ends.
pub(super) fn answer(
    console: &Console,
    headers: &HeaderMap,
    parts: impl Stream<Item = Vec<Part>> + Send + 'static,
) -> Response {
    let ending = console.ops.app.shutdown.no_new_requests.clone();
    let logged_out = logged_out(console.clone(), headers.clone());
    let end = async move {
        tokio::select! {
            () = ending.cancelled() => {}
            () = logged_out => {}
        }
    };
    let events = parts.flat_map(|parts| stream::iter(parts.into_iter().map(event)));
    Sse::new(events.take_until(Box::pin(end)).boxed())
        .keep_alive(KeepAlive::default())
        .into_response()
}

async fn logged_out(console: Console, headers: HeaderMap) {
    loop {
        sleep(LOOK_AGAIN).await;
        // A store that does not answer logs nobody out.
        if let Ok(None) = visitor::of(&console.ops, &headers).await {
            return;
        }
    }
}

fn event((name, part): Part) -> Result<Event, Infallible> {
    // A line of an event ends with either character; a part may hold what a client wrote.
    Ok(Event::default().event(name).data(part.into_string().replace('\r', " ")))
}
