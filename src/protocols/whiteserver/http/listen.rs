//! `ListenQueue`: a long poll on an aggregator's own queues.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};

use super::auth;
use super::error::Problem;
use crate::engine::app::App;
use crate::engine::listeners::Lease;
use crate::protocols::whiteserver::wire::{event, listen};
use crate::web::json;
use crate::web::presence::socket::Peer;
use crate::web::presence::{self, caller_is_gone, caller_sends_no_more};
use crate::web::request::read_body;

/// How long a request is held when there is nothing (White Server page, "How the caller gets the answer").
const HOLD: Duration = Duration::from_secs(20);
/// How long a client that has closed its half of the connection is held: enough to find what is there. One that
/// is gone looks the same.
const SHORT_HOLD: Duration = Duration::from_secs(1);
/// How long after a notification was written a client that has closed its half may still turn out to be gone.
const RESET: Duration = Duration::from_secs(2);

/// The handler of `ListenQueue`.
pub(super) async fn listen_queue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = std::time::Instant::now();
    let heard = hear(&app, &headers, body).await;
    let result = match &heard {
        Ok(Some(_)) => "ok",
        Ok(None) => "NoOperations",
        Err(problem) => problem.refusal.code.as_str(),
    };
    app.metrics.request("ListenQueue", result, started.elapsed());
    match heard {
        Ok(Some(lease)) => write_out(lease),
        Ok(None) => json(StatusCode::OK, listen::NO_OPERATIONS.to_owned()),
        Err(problem) => problem.into_response(),
    }
}

async fn hear(app: &App, headers: &HeaderMap, body: Body) -> Result<Option<Lease>, Problem> {
    if !app.is_started() {
        return Err(Problem::unavailable("this service is starting: it waits for its store"));
    }
    let caller = auth::authenticate(app, headers).await?;
    let body = read_body(app, headers, body).await?;
    let to = listen::read(&body).map_err(|bad| Problem::new(bad.code, bad.desc))?;
    let until = Instant::now() + HOLD;
    tokio::select! {
        biased;
        heard = app.listeners.listen(caller.id, to, until) => Ok(heard?),
        // While this service ends, long polls end early; the client listens at another replica.
        () = app.shutdown.no_new_requests.cancelled() => Ok(None),
        () = caller_is_gone() => Ok(None),
        () = async { caller_sends_no_more().await; sleep(SHORT_HOLD).await } => Ok(None),
    }
}

/// The answer with a notification, which leaves its queue when all of this was written out.
fn write_out(lease: Lease) -> Response {
    let text = lease.notification().map(event::queue).unwrap_or_default();
    let body = NotificationBody {
        text: Some(text.into()),
        flushed: false,
        lease: Some(lease),
        peer: presence::peer(),
        doubt: None,
    };
    let kind = [(axum::http::header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (StatusCode::OK, kind, Body::new(body)).into_response()
}

/// A body that knows when it was written. Its length is not told beforehand, so the server asks once more
/// after the text; in between it pauses, which is when the server writes to the connection. Only a
/// connection that took everything is asked again: one that broke drops the body, and the notification goes to
/// somebody else. A client that sends nothing any more may be gone; then its system answers the text with a
/// reset, which breaks the connection, so that is waited for.
struct NotificationBody {
    text: Option<Bytes>,
    flushed: bool,
    lease: Option<Lease>,
    peer: Option<Peer>,
    doubt: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for NotificationBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(text) = self.text.take() {
            return Poll::Ready(Some(Ok(Frame::data(text))));
        }
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.peer.take().is_some_and(|peer| peer.has_ended()) {
            self.doubt = Some(Box::pin(sleep(RESET)));
        }
        if let Some(doubt) = &mut self.doubt {
            ready!(doubt.as_mut().poll(context));
        }
        if let Some(lease) = self.lease.take() {
            lease.confirm_delivery();
        }
        Poll::Ready(None)
    }
}
