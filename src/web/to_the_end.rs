//! Every request is carried out to its end, whether or not its caller is still there: a connection that ends
//! cancels no look-up, no transaction and no answer half-way. Each has an id, which its response names.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::Request;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::runtime::context::{self, REQUEST_ID, RequestId};
use crate::web::presence::socket::Peer;
use crate::web::presence::{self, Caller};

/// A service whose requests each run in a task of their own.
#[derive(Debug, Clone)]
pub(crate) struct ToTheEnd<S> {
    inner: S,
    peer: Option<Peer>,
    running: TaskTracker,
}

impl<S> ToTheEnd<S> {
    pub(crate) fn new(inner: S) -> ToTheEnd<S> {
        ToTheEnd { inner, peer: None, running: TaskTracker::new() }
    }

    /// The same, for the requests of this connection.
    pub(crate) fn on(self, peer: Peer) -> ToTheEnd<S> {
        ToTheEnd { peer: Some(peer), ..self }
    }

    /// The requests in hand: a connection keeps its place until they are done.
    pub(crate) fn running(&self) -> TaskTracker {
        self.running.clone()
    }
}

impl<S, B> Service<Request<B>> for ToTheEnd<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    /// The work panicked; its connection ends with it.
    type Error = JoinError;
    type Future = BoxFuture<'static, Result<Response, JoinError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        self.inner.poll_ready(context).map_err(|never| match never {})
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let gone = CancellationToken::new();
        // Dropped with the future that the connection waits for: with the connection, that is.
        let here = gone.clone().drop_guard();
        let caller = Caller { gone, peer: self.peer.clone() };
        let id = RequestId::of(request.headers());
        let named = id.header();
        let answering = self.inner.call(request).map(move |Ok(mut response)| {
            response.headers_mut().insert(REQUEST_ID, named);
            response
        });
        let work = context::of_request(id, answering);
        let work = presence::of_caller(caller, work);
        let work = crate::runtime::environment::spawn(self.running.track_future(work));
        Box::pin(async move {
            let _here = here;
            work.await
        })
    }
}
