//! Weeks pass at a quiet moment: retention deletes every answer, and then clients ask again under the names that
//! they used before, through whichever door. Nothing may be registered, and nothing that is said may contradict the
//! books.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use rand::RngExt;
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio::time::{sleep, timeout};

use super::broker::publication::Publication;
use super::network::Network;
use super::observations::{Observations, Told};
use super::polls::Polls;
use super::protocols;
use super::rights;
use super::tasks::{self, all};

/// How far the clock jumps: answers are kept for less.
const WEEKS_S: i64 = 40 * 86_400;
/// Within which everything old must have been deleted, in simulated time.
const DELETED: Duration = Duration::from_secs(300);
/// Within which whoever asks again must have been told something, in simulated time.
const ANSWERED: Duration = Duration::from_secs(200);

/// How a client asks for the same again.
pub(crate) enum Again {
    Http(Box<dyn Fn() -> Request<Body> + Send + Sync>),
    Amqp(Publication),
}

/// What must be the same after that as before it.
const BOOKS: &[&str] = &[
    "orders",
    "payments",
    "events",
    "ap_accounts",
    "ap_payments",
    "ap_entries",
    "ap_corrections",
    "ap_external_transactions",
    "tc_orders",
    "tc_lines",
    "tc_entries",
    "tc_refunds",
    "tc_refund_tickets",
    "tc_tickets",
    "tc_promocodes",
    "bm_accounts",
    "bm_items",
    "bm_orders",
    "bm_order_lines",
    "bm_payments",
    "bm_entries",
    "bm_stored_methods",
    "bm_services",
    "bm_periods",
];

/// Everything that was said or done against the books.
pub(crate) async fn pass(network: &Network, observations: &[Box<dyn Observations>]) -> Vec<String> {
    let simulation = &network.simulation;
    // Whoever asks again has the right to.
    sleep(rights::LONGEST).await;
    protocols::stand_still(network).await;
    let accepted = tasks::read(&*simulation.database.lock().await).unwrap();
    let (polls, mut broken) = Polls::prepare(network, observations).await;
    simulation.count("jumps by weeks");
    simulation.jump(WEEKS_S);
    simulation.note("simulation", "weeks pass", "");
    if timeout(DELETED, deleted(network)).await.is_err() {
        return vec!["old answers are not deleted".into()];
    }
    let before = books(&*simulation.database.lock().await).unwrap();
    broken.extend(polls.ask(network).await);
    let mut asked: Vec<&Told> = observations.iter().flat_map(|protocol| protocol.told()).collect();
    // What never was a task may become one.
    asked.retain(|told| accepted.contains_key(&told.guid.0));
    asked.retain(|told| told.denied.is_none() && simulation.dice().random_bool(0.6));
    for told in asked {
        let Some(again) = &told.again else { continue };
        simulation.count("names used again after weeks");
        let wrong = match timeout(ANSWERED, ask(network, told, again)).await {
            Ok(wrong) => wrong,
            Err(_) => Some("was told nothing".into()),
        };
        broken.extend(wrong.map(|wrong| format!("{}: after weeks: {wrong}", told.name)));
    }
    // Whatever was accepted by mistake has its time.
    sleep(Duration::from_secs(5)).await;
    let database = simulation.database.lock().await;
    let tasks = all(&database, "SELECT hex(task_guid) AS task FROM tasks", |row| {
        row.get::<_, String>("task")
    });
    broken.extend(tasks.unwrap().into_iter().map(|task| format!("{task} is a task again")));
    for ((table, before), (_, after)) in before.iter().zip(books(&database).unwrap()) {
        if *before != after {
            broken.push(format!("{table} changed after weeks: {before:?}, then {after:?}"));
        }
    }
    broken.sort_unstable();
    broken
}

async fn deleted(network: &Network) {
    loop {
        let database = network.simulation.database.lock().await;
        let left = "SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM events) AS found";
        let none = tasks::none(&database, left).unwrap();
        drop(database);
        if none {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Asks for the same again until there is a word; gives what is wrong with it.
async fn ask(network: &Network, told: &Told, again: &Again) -> Option<String> {
    match again {
        Again::Http(request) => loop {
            match network.ask(request()).await {
                None | Some((429 | 503, _)) => network.pause(100, 1_000).await,
                Some((status, body)) => break wrong(told, status, &body),
            }
        },
        Again::Amqp(publication) => {
            let known = network.simulation.heard.replies(told.guid.0);
            while !network.simulation.publish(publication).await.confirmed {
                network.pause(100, 1_000).await;
            }
            loop {
                let replies = network.simulation.heard.replies(told.guid.0);
                if let Some(new) = replies.iter().find(|reply| !known.contains(reply)) {
                    break wrong(told, 200, new);
                }
                network.pause(100, 1_000).await;
            }
        }
    }
}

/// The name was used, and its answer is no longer kept: nothing else is true.
fn wrong(told: &Told, status: u16, body: &str) -> Option<String> {
    let used = body.contains("was used before");
    (!used).then(|| format!("was told {status} {body}, and before {:?}", told.answers))
}

/// The rows of each table.
fn books(database: &Connection) -> rusqlite::Result<Vec<(&'static str, Vec<String>)>> {
    let mut books = Vec::new();
    for table in BOOKS {
        let mut rows = all(database, &format!("SELECT * FROM {table}"), |row| {
            let columns = row.as_ref().column_count();
            let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|i| row.get(i)).collect();
            Ok(format!("{:?}", values?))
        })?;
        rows.sort_unstable();
        books.push((*table, rows));
    }
    Ok(books)
}
