//! The network between clients and processes.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use rand::RngExt;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use uuid::Uuid;

use super::context::{Part, Simulation, lock};
use super::process::{Process, ProcessInstance, Role};
use crate::web::to_the_end::ToTheEnd;

/// The processes that share a network.
pub(crate) type Processes = Arc<Mutex<Vec<Process>>>;

/// The reply to a request.
pub(crate) struct Reply {
    pub status: u16,
    /// The task that its header names.
    pub guid: Option<Uuid>,
    pub body: String,
}

/// A future that is dropped after a number of polls, wherever it waits then, as if its caller had gone.
pub(crate) struct Polled<F> {
    future: Pin<Box<F>>,
    left: usize,
}

impl<F> Polled<F> {
    pub(crate) fn new(future: F, polls: usize) -> Polled<F> {
        Polled { future: Box::pin(future), left: polls }
    }
}

impl<F: Future> Future for Polled<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        self.left -= 1;
        match self.future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Connects clients with the processes of a run.
#[derive(Clone)]
pub(crate) struct Network {
    pub simulation: Arc<Simulation>,
    pub processes: Processes,
}

impl Network {
    /// Sends a request to some process; `None` when no reply came.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Option<(u16, String)> {
        self.exchange(request).await.map(|reply| (reply.status, reply.body))
    }

    /// Sends a request to some process and returns the whole reply; `None` when no reply came.
    pub(crate) async fn exchange(&self, request: Request<Body>) -> Option<Reply> {
        let (instance, router) = self.choose()?;
        let (impatient, gone) =
            (self.simulation.fault_rates().impatient, self.simulation.fault_rates().gone);
        let polls = match self.simulation.strikes(gone, "handlers dropped where they waited") {
            true => self.simulation.dice().random_range(1..12),
            false => usize::MAX,
        };
        // The server finishes each request; the other half of the handlers end with their caller.
        let to_the_end = polls == usize::MAX || self.simulation.dice().random_bool(0.5);
        let answering = async move {
            let response = match to_the_end {
                true => ToTheEnd::new(router).oneshot(request).await.ok()?,
                false => router.oneshot(request).await.unwrap_or_else(|never| match never {}),
            };
            let status = response.status().as_u16();
            let guid = response.headers().get("x-task-guid");
            let guid = guid.and_then(|guid| guid.to_str().ok()?.parse().ok());
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            Some(Reply { status, guid, body: String::from_utf8(bytes.into()).unwrap() })
        };
        let answering = instance.spawn(Polled::new(answering, polls));
        let hang_up = answering.abort_handle();
        let patience = match self.simulation.strikes(impatient, "clients that hung up") {
            true => self.simulation.dice().random_range(1..2_000),
            false => 30_000,
        };
        let answer = timeout(Duration::from_millis(patience), answering).await;
        hang_up.abort();
        answer.ok()?.ok()??
    }

    /// Lets messages wait with their consumers: stops the worker processes, or takes the store away from them.
    pub(crate) fn freeze_consumers(&self, lasting: Duration) {
        self.simulation.count("consumers frozen while they are handed messages");
        let stops = self.simulation.dice().random_bool(0.5);
        for process in lock(&self.processes).iter().filter(|p| p.role == Role::Worker) {
            match stops {
                true => process.stop(lasting),
                false => {
                    self.simulation.take_away(Part::Store, Some(process.instance.name), lasting)
                }
            }
        }
    }

    /// Waits for a random time within these bounds, in milliseconds.
    pub(crate) async fn pause(&self, from_ms: u64, to_ms: u64) {
        let pause = self.simulation.dice().random_range(from_ms..to_ms);
        sleep(Duration::from_millis(pause)).await;
    }

    fn choose(&self) -> Option<(Arc<ProcessInstance>, Router)> {
        let processes = lock(&self.processes);
        let open: Vec<_> =
            processes.iter().filter_map(|p| Some((&p.instance, p.router.as_ref()?))).collect();
        let which =
            (!open.is_empty()).then(|| self.simulation.dice().random_range(0..open.len()))?;
        let (instance, router) = open[which];
        Some((Arc::clone(instance), router.clone()))
    }
}
