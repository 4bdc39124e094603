//! An upstream service: publishes tasks over AMQP, hears of them at its own reply queue, and takes a task that
//! nobody knows after twice its expiration for one that will never be.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;
use uuid::Uuid;

use super::client::{self, Known};
use super::intent::{Intent, Kind};
use crate::simulation::broker::intake::{Letter, USER};
use crate::simulation::evidence::{Denial, Meaning, Told};
use crate::simulation::line::Line;
use crate::simulation::weeks::Again;
use crate::task::TaskGuid;

/// Publishes some tasks, and tells what it was told.
pub(super) async fn run(line: Line, number: usize) -> Vec<(Intent, Told)> {
    let tasks = line.stage.dice().random_range(1..4);
    let mut all = Vec::new();
    for task in 0..tasks {
        line.pause(0, 2_500).await;
        let (intent, letter) = wish(&line, number, task);
        let name = format!("{} ({} {})", intent.key, intent.kind.task_type(), intent.guid);
        let mut told = Told::new(intent.guid, name, client::outcome);
        follow(&line, &letter, &mut told).await;
        told.again = Some(Again::Amqp(letter));
        all.push((intent, told));
    }
    all
}

fn wish(line: &Line, number: usize, task: usize) -> (Intent, Letter) {
    let mut dice = line.stage.dice();
    let mut intent = Intent::of(&mut dice, 100 + number, task);
    // Over AMQP nobody waits.
    while intent.sync {
        intent = Intent::of(&mut dice, 100 + number, task);
    }
    // What makes an order gives it its own guid, which the books then know.
    if dice.random_bool(0.4) && intent.kind != Kind::Create {
        intent.guid = TaskGuid(Uuid::from_u128(dice.random()));
        intent.key = intent.guid.to_string();
    }
    let reply_to = format!("wsa.replies.{USER}:{number}");
    let mut letter = Letter::new(intent.key.clone(), reply_to, intent.body.clone());
    if dice.random_bool(0.6) {
        letter.expiration = Some(match dice.random_bool(0.7) {
            true => dice.random_range(300..3_000),
            false => 30_000,
        });
    }
    (intent, letter)
}

async fn follow(line: &Line, letter: &Letter, told: &mut Told) {
    if let Some(ms @ ..3_000) = letter.expiration
        && !line.stage.is_mended()
        && line.stage.dice().random_bool(0.4)
    {
        let further = line.stage.dice().random_range(500..3_000);
        line.freeze_consumers(Duration::from_millis(2 * ms + further));
    }
    loop {
        // What is not confirmed may have come or not: it is published again.
        while !line.stage.publish(letter).await {
            line.pause(50, 1_000).await;
        }
        let silence = match letter.expiration {
            Some(ms) => 2 * ms,
            None => line.stage.dice().random_range(1_000..6_000),
        };
        if hears(line, told, Duration::from_millis(silence)).await {
            return;
        }
        loop {
            match client::look(line, told.guid).await {
                Known::Answer(answer) => return told.note(&Meaning::Answer(answer)),
                Known::Strange(reply) => return told.note(&Meaning::Strange(reply)),
                Known::InProgress => told.note(&Meaning::Accepted),
                Known::Nothing if letter.expiration.is_some() => {
                    told.denied = Some(Denial::AfterItsTime);
                    return;
                }
                Known::Nothing => break,
                Known::Unknown => {}
            }
            if hears(line, told, Duration::from_millis(500)).await {
                return;
            }
        }
    }
}

/// Whether the answer came to the reply queue within this time.
async fn hears(line: &Line, told: &mut Told, within: Duration) -> bool {
    let until = Instant::now() + within;
    loop {
        let replies = line.stage.heard.replies(told.guid.0);
        for reply in &replies {
            told.note(&Meaning::Answer(reply.clone()));
        }
        if !replies.is_empty() {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        line.pause(20, 200).await;
    }
}
