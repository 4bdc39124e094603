//! An upstream service: publishes tasks over AMQP, hears of them at its own reply queue, and takes a task that
//! nobody knows after twice its expiration for one that will never be.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;
use uuid::Uuid;

use super::client::{self, Known};
use super::intent::{Intent, Kind};
use crate::domain::task::TaskGuid;
use crate::simulation::broker::publication::{Publication, USER};
use crate::simulation::context::lock;
use crate::simulation::network::Network;
use crate::simulation::observations::{Denial, Meaning, Told};
use crate::simulation::rights::{LICENCES, PUBLISHING};
use crate::simulation::weeks::Again;

/// Publishes some tasks, and tells what it was told.
pub(super) async fn run(network: Network, number: usize) -> Vec<(Intent, Told)> {
    let tasks = network.simulation.dice().random_range(1..4);
    let mut all = Vec::new();
    for task in 0..tasks {
        network.pause(0, 2_500).await;
        let (intent, publication) = wish(&network, number, task);
        let name = format!("{} ({} {})", intent.key, intent.kind.task_type(), intent.guid);
        let mut told = Told::new(intent.guid, name, client::outcome);
        follow(&network, &publication, &mut told).await;
        // What breaks a rule hears nothing else after weeks.
        let form = publication.reply_to.as_deref() == Some(ANOTHERS);
        told.again = (!form).then(|| Again::Amqp(publication));
        all.push((intent, told));
    }
    all
}

fn wish(network: &Network, number: usize, task: usize) -> (Intent, Publication) {
    let mut dice = network.simulation.dice();
    let now = network.simulation.now();
    let mut intent = Intent::of(&mut dice, now, 100 + number, task);
    // Over AMQP nobody waits.
    while intent.sync {
        intent = Intent::of(&mut dice, now, 100 + number, task);
    }
    // What makes an order gives it its own guid, which the books then know.
    if dice.random_bool(0.4) && intent.kind != Kind::Create {
        intent.guid = TaskGuid(Uuid::from_u128(dice.random()));
        intent.key = intent.guid.to_string();
    }
    // Nobody may have answers sent to another's queue.
    let other =
        dice.random_bool(if network.simulation.was_withdrawn(PUBLISHING) { 0.5 } else { 0.1 });
    let reply_to = match other {
        true => ANOTHERS.to_owned(),
        false => format!("wsa.replies.{USER}:{number}"),
    };
    let mut publication = Publication::new(intent.key.clone(), reply_to, intent.body.clone());
    // What begins later has no expiration.
    if !intent.scheduled && dice.random_bool(if other { 0.2 } else { 0.75 }) {
        publication.expiration = Some(match dice.random_bool(0.7) {
            true => dice.random_range(300..3_000),
            false => 30_000,
        });
    }
    (intent, publication)
}

/// The reply queue of another user.
const ANOTHERS: &str = "wsa.replies.another";
/// How often who leaves it to people asks before it publishes once more: a broker may have lost its message.
const LOOKS: u32 = 100;

async fn follow(network: &Network, publication: &Publication, told: &mut Told) {
    // Some leave what was confirmed, and nobody knows of, to people.
    let mut patience =
        match publication.expiration.is_none() && network.simulation.dice().random_bool(0.4) {
            true => LOOKS,
            false => 0,
        };
    let mut copies = 0;
    if let Some(ms @ ..3_000) = publication.expiration
        && !network.simulation.is_mended()
        && network.simulation.dice().random_bool(0.9)
    {
        let further = network.simulation.dice().random_range(500..3_000);
        network.freeze_consumers(Duration::from_millis(2 * ms + further));
    }
    loop {
        // What is not confirmed may have come or not: it is published again.
        loop {
            let published = network.simulation.publish(publication).await;
            copies += published.copies;
            if published.confirmed {
                break;
            }
            network.pause(50, 1_000).await;
        }
        let silence = match publication.expiration {
            Some(ms) => 2 * ms,
            None => network.simulation.dice().random_range(1_000..6_000),
        };
        // Of another copy nothing is said by that.
        let believes = copies == 1 && network.simulation.dice().random_bool(0.5);
        if hears(network, publication, told, believes, Duration::from_millis(silence)).await {
            return;
        }
        loop {
            match client::look(network, told.guid).await {
                Known::Answer(answer) => return told.note(&Meaning::Answer(answer)),
                Known::Strange(reply) => return told.note(&Meaning::Strange(reply)),
                Known::InProgress => told.note(&Meaning::Accepted),
                Known::Nothing if publication.expiration.is_some() => {
                    told.denied = Some(Denial::AfterItsTime);
                    return;
                }
                Known::Nothing if patience == 0 => break,
                Known::Nothing => patience -= 1,
                Known::Unknown => {}
            }
            if hears(network, publication, told, believes, Duration::from_millis(500)).await {
                return;
            }
        }
    }
}

/// Whether the answer came to the reply queue within this time, or a refusal that it believes.
async fn hears(
    network: &Network,
    publication: &Publication,
    told: &mut Told,
    believes: bool,
    within: Duration,
) -> bool {
    let until = Instant::now() + within;
    loop {
        let replies = network.simulation.heard.replies(told.guid.0);
        for reply in &replies {
            told.note(&Meaning::Answer(reply.clone()));
        }
        if !replies.is_empty() {
            return true;
        }
        for refusal in network.simulation.heard.refusals(&publication.message_id) {
            // One copy is refused, and another was accepted.
            if refusal.contains("IdempotencyMismatch") {
                told.note(&Meaning::Accepted);
                continue;
            }
            // What breaks a rule is refused in every copy.
            let form = refusal.contains("reply_to is");
            let reason = LICENCES.iter().any(|licence| network.simulation.was_withdrawn(licence))
                && refusal.contains("License");
            let expected = form || reason || refusal.contains("LimitExceeded");
            if !expected {
                told.note(&Meaning::Strange(refusal));
                return true;
            }
            // People may be handing another copy in at this very moment, which denies nothing and is not denied.
            network.pause(50, 100).await;
            if lock(&network.simulation.replaying).contains(&publication.message_id) {
                network.simulation.count("denials while people replay");
                return true;
            }
            if form || believes {
                network.simulation.count("denials that a client believes");
                told.denied = Some(Denial::Refused);
                return true;
            }
        }
        if Instant::now() >= until {
            return false;
        }
        network.pause(20, 200).await;
    }
}
