//! `GetTaskResponse` once answers are kept no longer. Of a task that was there it is not said that it never was: who
//! named it is told that it expired and how it came out, and of a guid that was drawn here, that answers are kept
//! for so long. A guid that no task had gets the plain word. Another caller learns nothing: of what somebody named
//! it is told the same as of a guid that never was.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use rand::RngExt;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use super::network::Network;
use super::observations::{Observations, Told};
use super::tasks::{all, guid};
use crate::domain::task::TaskGuid;
use crate::protocols::whiteserver::testkit::{LOOK, OTHER, TOKEN};

/// The aggregator that has [`TOKEN`].
const OWNER: i64 = 1;
/// How many guids are asked for: each is a few requests.
const MOST: usize = 12;
/// Within which there must be a word, in simulated time.
const TOLD: Duration = Duration::from_secs(100);

/// What is told of a guid that never was.
const NEVER: (&str, &str) = ("TaskNotFound", "you have no task with this guid");

/// A guid, and what it was.
struct Was {
    guid: Uuid,
    /// `None`: there was no such task.
    task: Option<Task>,
}

struct Task {
    owner: i64,
    outcome: String,
    /// Whether its caller named it; otherwise it was drawn.
    named: bool,
}

/// What is to be asked for when weeks have passed.
pub(crate) struct Polls(Vec<Was>);

impl Polls {
    /// Of tasks that are there now and of guids that are not. Has one more carried out that its caller does not
    /// name; another caller learns nothing of any of them, now either.
    pub(crate) async fn prepare(
        network: &Network,
        observations: &[Box<dyn Observations>],
    ) -> (Polls, Vec<String>) {
        let mut broken = Vec::new();
        if timeout(TOLD, look(network)).await.is_err() {
            broken.push("a task without a name was not carried out".to_owned());
        }
        let mut were = read(&*network.simulation.database.lock().await).unwrap();
        let known: BTreeSet<Uuid> = were.iter().map(|was| was.guid).collect();
        while were.len() > MOST {
            // The newest is the one without a name.
            let one = network.simulation.dice().random_range(0..were.len() - 1);
            were.remove(one);
        }
        for was in &were {
            let Some(Task { owner, .. }) = &was.task else { continue };
            if *owner == OWNER {
                let told = told(network, OTHER, was.guid).await;
                let denied = ("AccessDenied", NEVER.1);
                broken
                    .extend(wrong(was.guid, "another", told, |code, desc| (code, desc) == denied));
            }
        }
        let told = observations.iter().flat_map(|protocol| protocol.told());
        let denied = told.filter(|told: &&Told| told.denied.is_some()).map(|told| told.guid.0);
        let mut never: Vec<Uuid> = denied.filter(|guid| !known.contains(guid)).collect();
        never
            .push(uuid::Builder::from_random_bytes(network.simulation.dice().random()).into_uuid());
        were.extend(never.into_iter().map(|guid| Was { guid, task: None }));
        (Polls(were), broken)
    }

    /// Asks for each as who handed it in, and as another; tells what should not have been said.
    pub(crate) async fn ask(&self, network: &Network) -> Vec<String> {
        let mut broken = Vec::new();
        for Was { guid, task } in &self.0 {
            network.simulation.count("polls after weeks");
            let drawn = task.as_ref().is_some_and(|task| !task.named);
            for (who, token) in [("its caller", TOKEN), ("another", OTHER)] {
                let owner = task.as_ref().filter(|task| token == TOKEN && task.owner == OWNER);
                let right = |code: &str, desc: &str| match owner.filter(|task| task.named) {
                    Some(task) => {
                        let outcome = format!("(outcome: {})", task.outcome);
                        code == "TaskExpired" && desc.contains(&outcome)
                    }
                    // Nobody knows any more whose it was.
                    None if drawn => is_old(code, desc),
                    // A caller may choose a name that looks as if it had been drawn here long ago.
                    None if TaskGuid(*guid).looks_drawn() && is_old(code, desc) => true,
                    None => (code, desc) == NEVER,
                };
                broken.extend(wrong(*guid, who, told(network, token, *guid).await, right));
            }
        }
        broken
    }
}

/// What is told of a guid that a task may have had.
fn is_old(code: &str, desc: &str) -> bool {
    code == "TaskNotFound" && desc.contains("answers are kept for")
}

fn wrong(
    guid: Uuid,
    who: &str,
    told: Option<(String, String)>,
    right: impl FnOnce(&str, &str) -> bool,
) -> Option<String> {
    let Some((code, desc)) = told else {
        return Some(format!("poll of {guid}: {who} is told nothing"));
    };
    (!right(&code, &desc)).then(|| format!("poll of {guid}: {who} is told {code}: {desc}"))
}

/// Tasks in the order of their registration.
fn read(database: &Connection) -> rusqlite::Result<Vec<Was>> {
    let tasks = "SELECT task_guid, aggregator_id, outcome, named FROM tasks
                 WHERE outcome IS NOT NULL ORDER BY named DESC, registered_at, task_guid";
    all(database, tasks, |row| {
        let task = Task {
            owner: row.get("aggregator_id")?,
            outcome: row.get("outcome")?,
            named: row.get("named")?,
        };
        Ok(Was { guid: guid(row.get("task_guid")?), task: Some(task) })
    })
}

/// Looks at an order without a name for the task, until it is told.
async fn look(network: &Network) {
    while network.ask(asking(TOKEN, LOOK.to_owned())).await.is_none_or(|(status, _)| status != 200)
    {
        network.pause(100, 1_000).await;
    }
}

/// The code and the words of an error.
async fn told(network: &Network, token: &str, guid: Uuid) -> Option<(String, String)> {
    let question = json!({"taskType": "GetTaskResponse", "params": {"taskGuid": guid}});
    let ask = async {
        loop {
            match network.ask(asking(token, question.to_string())).await {
                None | Some((429 | 503, _)) => network.pause(100, 1_000).await,
                Some((_, body)) => break body,
            }
        }
    };
    let body: Value = serde_json::from_str(&timeout(TOLD, ask).await.ok()?).ok()?;
    let error = &body["error"]["wsError"];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Some((text("code"), text("desc")))
}

fn asking(token: &str, body: String) -> Request<Body> {
    Request::post(crate::protocols::whiteserver::http::CREATE)
        .header("AggregatorAuthentication", token)
        .header("Content-Type", "application/json")
        .body(Body::from(body))
        .unwrap()
}
