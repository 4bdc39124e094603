//! A client: hands each of its tasks in until it is accepted, and asks until it knows the answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use rand::RngExt;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use super::evidence::{Meaning, Told};
use super::intent::{Intent, poll};
use super::process::{Life, Process};
use super::stage::{Stage, lock};

pub(super) const TOKEN: &str = "the-token-of-the-simulated";

/// The processes of a run.
pub(super) type Processes = Arc<Mutex<Vec<Process>>>;

/// Does everything that one client wants, and tells what it was told.
pub(super) async fn run(
    stage: Arc<Stage>,
    processes: Processes,
    intents: Vec<Intent>,
) -> Vec<Told> {
    let mut all = Vec::with_capacity(intents.len());
    for intent in intents {
        let pause = stage.dice().random_range(0..3_000);
        sleep(Duration::from_millis(pause)).await;
        let mut told = Told::new(intent);
        follow(&stage, &processes, &mut told).await;
        all.push(told);
    }
    all
}

async fn follow(stage: &Stage, processes: &Processes, told: &mut Told) {
    let mut polls = false;
    // Some hand it in again and again, though they know that it is accepted.
    let insists = stage.dice().random_bool(0.3);
    // Once more after the answer: it must be the same.
    let mut further = stage.dice().random_range(0..2);
    loop {
        let body = match polls {
            true => poll(told.intent.guid, stage.dice().random_range(0..4)),
            false => told.intent.body.clone(),
        };
        let meaning = match request(stage, processes, told, body).await {
            Some((status, text)) => told.note(status, &text, polls),
            None => Meaning::TryAgain,
        };
        match meaning {
            Meaning::Strange => return,
            Meaning::Answer if further == 0 => return,
            Meaning::Answer => further -= 1,
            Meaning::Accepted | Meaning::TryAgain => {}
        }
        polls = told.accepted && !(insists && stage.dice().random_bool(0.2));
        let pause = stage.dice().random_range(10..700);
        sleep(Duration::from_millis(pause)).await;
    }
}

/// One request to some process; `None` when no answer came.
async fn request(
    stage: &Stage,
    processes: &Processes,
    told: &Told,
    body: String,
) -> Option<(u16, String)> {
    let (life, door) = choose(stage, processes)?;
    let request = Request::post(crate::http::CREATE)
        .header("AggregatorAuthentication", TOKEN)
        .header("Idempotency-Key", &told.intent.key)
        .header("Content-Type", "application/json")
        .body(Body::from(body))
        .unwrap();
    let answering = life.spawn(async move {
        let Ok(response) = door.oneshot(request).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.into()).unwrap())
    });
    let hang_up = answering.abort_handle();
    let impatient = stage.weather().impatient;
    let patience = match stage.strikes(impatient, "clients that hung up") {
        true => stage.dice().random_range(1..2_000),
        false => 30_000,
    };
    let answer = timeout(Duration::from_millis(patience), answering).await;
    hang_up.abort();
    answer.ok()?.ok()
}

fn choose(stage: &Stage, processes: &Processes) -> Option<(Arc<Life>, Router)> {
    let processes = lock(processes);
    let open: Vec<_> = processes.iter().filter_map(|p| Some((&p.life, p.door.as_ref()?))).collect();
    let chosen = (!open.is_empty()).then(|| stage.dice().random_range(0..open.len()))?;
    let (life, door) = open[chosen];
    Some((Arc::clone(life), door.clone()))
}
