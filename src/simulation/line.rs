//! How clients reach the processes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use rand::RngExt;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use super::process::{Life, Process};
use super::stage::{Stage, lock};

/// The processes of a run.
pub(super) type Processes = Arc<Mutex<Vec<Process>>>;

/// What a client calls through.
#[derive(Clone)]
pub(super) struct Line {
    pub stage: Arc<Stage>,
    pub processes: Processes,
}

impl Line {
    /// One request to some process; `None` when no answer came.
    pub(super) async fn ask(&self, request: Request<Body>) -> Option<(u16, String)> {
        let (life, door) = self.choose()?;
        let answering = life.spawn(async move {
            let Ok(response) = door.oneshot(request).await;
            let status = response.status().as_u16();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, String::from_utf8(bytes.into()).unwrap())
        });
        let hang_up = answering.abort_handle();
        let impatient = self.stage.weather().impatient;
        let patience = match self.stage.strikes(impatient, "clients that hung up") {
            true => self.stage.dice().random_range(1..2_000),
            false => 30_000,
        };
        let answer = timeout(Duration::from_millis(patience), answering).await;
        hang_up.abort();
        answer.ok()?.ok()
    }

    /// Waits up to so many milliseconds.
    pub(super) async fn pause(&self, from_ms: u64, to_ms: u64) {
        let pause = self.stage.dice().random_range(from_ms..to_ms);
        sleep(Duration::from_millis(pause)).await;
    }

    fn choose(&self) -> Option<(Arc<Life>, Router)> {
        let processes = lock(&self.processes);
        let open: Vec<_> =
            processes.iter().filter_map(|p| Some((&p.life, p.door.as_ref()?))).collect();
        let which = (!open.is_empty()).then(|| self.stage.dice().random_range(0..open.len()))?;
        let (life, door) = open[which];
        Some((Arc::clone(life), door.clone()))
    }
}
