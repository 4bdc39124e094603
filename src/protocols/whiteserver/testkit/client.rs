//! A client: hands each of its tasks in until it is accepted, and asks until it knows the answer.

use axum::body::Body;
use axum::http::Request;
use rand::RngExt;
use serde_json::Value;

use super::intent::{Intent, poll};
use super::scene::TOKEN;
use crate::domain::task::TaskGuid;
use crate::simulation::network::Network;
use crate::simulation::observations::{Denial, Meaning, Told, denies};
use crate::simulation::rights::LICENCES;
use crate::simulation::weeks::Again;

/// The codes of errors that are no task's answer, and that nobody here is told with reason.
const UNEXPECTED: [&str; 6] = [
    "TaskNotFound",
    "TaskExpired",
    "AccessDenied",
    "AuthFailed",
    "BadRequest",
    "IdempotencyMismatch",
];

/// One client and what it wants.
pub(super) struct Client {
    pub network: Network,
    pub intents: Vec<Intent>,
}

impl Client {
    /// Does everything that it wants, and tells what it was told.
    pub(super) async fn run(self) -> Vec<(Intent, Told)> {
        let mut all = Vec::with_capacity(self.intents.len());
        for intent in self.intents {
            self.network.pause(0, 2_000).await;
            all.push(carry_out(&self.network, intent).await);
        }
        all
    }

    /// The same without a pause.
    pub(super) async fn run_at_once(self) -> Vec<(Intent, Told)> {
        let mut all = Vec::with_capacity(self.intents.len());
        for intent in self.intents {
            all.push(carry_out(&self.network, intent).await);
        }
        all
    }
}

async fn carry_out(network: &Network, intent: Intent) -> (Intent, Told) {
    let name = format!("{} ({} {})", intent.key, intent.kind.task_type(), intent.guid);
    let mut told = Told::new(intent.guid, name, outcome);
    follow(network, &intent, &mut told).await;
    let (key, body) = (intent.key.clone(), intent.body.clone());
    told.again = Some(Again::Http(Box::new(move || asking(&key, body.clone()))));
    (intent, told)
}

async fn follow(network: &Network, intent: &Intent, told: &mut Told) {
    let simulation = &network.simulation;
    let mut polls = false;
    // Whether each request so far was answered, and that nothing of it was accepted.
    let mut only_denied = true;
    // Some hand it in again and again, though they know that it is accepted.
    let insists = simulation.dice().random_bool(0.3);
    // Once more after the answer: it must be the same.
    let mut further = simulation.dice().random_range(0..2);
    loop {
        let body = match polls {
            true => poll(intent.guid, simulation.dice().random_range(0..4)),
            false => intent.body.clone(),
        };
        let meaning = match network.ask(request(intent, body)).await {
            Some((status, text)) => meaning(network, status, text, polls, told.accepted, intent),
            None => Meaning::TryAgain,
        };
        told.note(&meaning);
        only_denied &= meaning == Meaning::Denied;
        match meaning {
            Meaning::Denied if only_denied && simulation.dice().random_bool(0.4) => {
                simulation.count("denials that a client believes");
                return told.denied = Some(Denial::NotAccepted);
            }
            Meaning::Strange(_) => return,
            Meaning::Answer(_) if further == 0 => return,
            Meaning::Answer(_) => further -= 1,
            Meaning::Accepted | Meaning::TryAgain | Meaning::Denied => {}
        }
        polls = told.accepted && !(insists && simulation.dice().random_bool(0.2));
        network.pause(10, 700).await;
    }
}

/// What is known of a task that somebody asks for.
pub(super) enum Known {
    Answer(String),
    InProgress,
    /// There is no such task.
    Nothing,
    /// No answer came, or none that says anything.
    Unknown,
    Strange(String),
}

/// Asks for a task.
pub(super) async fn look(network: &Network, guid: TaskGuid) -> Known {
    let request = asking("", poll(guid, 0));
    let Some((status, body)) = network.ask(request).await else { return Known::Unknown };
    let json = serde_json::from_str::<Value>(&body).unwrap_or_default();
    match (status, code(&json)) {
        (429 | 503, _) => Known::Unknown,
        (200, Some("TaskInProgress")) => Known::InProgress,
        (200, Some("TaskNotFound")) => Known::Nothing,
        (200, _) if json["responseCommon"]["taskGuid"] == guid.to_string() => Known::Answer(body),
        _ => Known::Strange(format!("{status} {body}")),
    }
}

fn request(intent: &Intent, body: String) -> Request<Body> {
    asking(&intent.key, body)
}

fn asking(key: &str, body: String) -> Request<Body> {
    let request = Request::post(crate::protocols::whiteserver::http::CREATE)
        .header("AggregatorAuthentication", TOKEN)
        .header("Content-Type", "application/json");
    let request = match key {
        "" => request,
        key => request.header("Idempotency-Key", key),
    };
    request.body(Body::from(body)).unwrap()
}

fn meaning(
    network: &Network,
    status: u16,
    body: String,
    polled: bool,
    accepted: bool,
    intent: &Intent,
) -> Meaning {
    let strange = |body| Meaning::Strange(format!("{status} {body}"));
    let withdrawn = LICENCES.iter().any(|licence| network.simulation.was_withdrawn(licence));
    let Ok(json) = serde_json::from_str::<Value>(&body) else { return strange(body) };
    let guid = json["responseCommon"]["taskGuid"].as_str();
    let mine = guid == Some(intent.guid.to_string().as_str());
    match (status, code(&json)) {
        (503, _) if denies(&body) => Meaning::Denied,
        (429, Some("LimitExceeded")) if !polled => Meaning::Denied,
        (503, _) => Meaning::TryAgain,
        (200, Some("TaskInProgress")) if mine => Meaning::Accepted,
        // Of a task that is accepted it is never said: whoever asks again is told of the task.
        (200, Some("License")) if !polled && !accepted && withdrawn => Meaning::Denied,
        (200, Some("License")) => strange(body),
        (200, Some(code)) if UNEXPECTED.contains(&code) => strange(body),
        (200, _) if !mine => strange(body),
        (200, None) if !polled && !intent.sync => Meaning::Accepted,
        (200, _) => Meaning::Answer(body),
        _ => strange(body),
    }
}

/// The outcome that an answer tells of.
pub(super) fn outcome(answer: &str) -> &'static str {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    match code(&answer) {
        None => "done",
        Some("Timeout") => "timeout",
        Some("InternalError") => "failed",
        Some("TaskCancelled") => "cancelled",
        Some(_) => "refused",
    }
}

/// The code of an error; `None` when there is none.
fn code(answer: &Value) -> Option<&str> {
    let error = answer.get("error")?;
    let error = error.get("agentError").or_else(|| error.get("wsError"));
    Some(error.and_then(|error| error["code"].as_str()).unwrap_or("an error without a code"))
}
