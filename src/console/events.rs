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

/// How long a stream lasts. The browser then asks again, and is looked at again: who is logged out sees no more.
const LASTS: Duration = Duration::from_secs(300);

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
    Ok(answer(console, changes))
}

/// A stream of parts, until it has lasted long enough or the process ends.
pub(super) fn answer(
    console: &Console,
    parts: impl Stream<Item = Vec<Part>> + Send + 'static,
) -> Response {
    let ending = console.ops.app.shutdown.no_new_requests.clone();
    let end = async move {
        tokio::select! {
            () = ending.cancelled() => {}
            () = sleep(LASTS) => {}
        }
    };
    let events = parts.flat_map(|parts| stream::iter(parts.into_iter().map(event)));
    Sse::new(events.take_until(Box::pin(end)).boxed())
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn event((name, part): Part) -> Result<Event, Infallible> {
    // A line of an event ends with either character; a part may hold what a client wrote.
    Ok(Event::default().event(name).data(part.into_string().replace('\r', " ")))
}
