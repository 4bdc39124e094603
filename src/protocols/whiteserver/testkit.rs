//! Restaurants: clients that pay and change orders, their callbacks and their results queue.

mod books;
mod checker;
mod client;
mod intent;
mod listener;
mod neighbours;
mod publisher;
mod scene;
mod till;
mod till_checker;

use futures_util::future::join_all;
use rand::RngExt;

use self::books::Books;
use self::client::Client;
use self::intent::Intent;
pub(crate) use self::scene::{OTHER, TOKEN, set};
use self::till::{Heard, Write};
use crate::domain::task::{AggregatorId, NewTask, TaskGuid, TaskKey};
use crate::simulation::checker::Remains;
use crate::simulation::network::Network;
use crate::simulation::observations::{Observations, Told};

/// Lets some clients do what they want.
pub(crate) async fn play(network: Network) -> Box<dyn Observations> {
    let heard = till::Heard::default();
    let till = network.simulation.seed % 4 == 1;
    if till {
        till::add(&*network.simulation.database.lock().await).unwrap();
        tokio::spawn(till::listen(network.clone(), heard.clone()));
    }
    let till = till.then(|| tokio::spawn(till::run(network.clone())));
    let clients = network.simulation.dice().random_range(1..5);
    let intents = |client: usize| -> Vec<Intent> {
        let tasks = network.simulation.dice().random_range(1..5);
        (0..tasks)
            .map(|number| {
                let now = network.simulation.now();
                Intent::of(&mut network.simulation.dice(), now, client, number)
            })
            .collect()
    };
    let mut wishes: Vec<Vec<Intent>> = (0..clients).map(intents).collect();
    // Somebody else cancels some of them.
    let cancels = wishes.iter().flatten().filter_map(|intent| {
        let chance = if intent.scheduled { 0.6 } else { 0.1 };
        network.simulation.dice().random_bool(chance).then(|| vec![Intent::cancelling(intent)])
    });
    let cancels: Vec<_> = cancels.collect();
    wishes.extend(cancels);
    let clients: Vec<_> = wishes
        .into_iter()
        .map(|intents| Client { network: network.clone(), intents })
        .map(|client| tokio::spawn(client.run()))
        .collect();
    if network.simulation.dice().random_bool(0.3) {
        listener::open_queues(&*network.simulation.database.lock().await).unwrap();
        tokio::spawn(listener::run(network.clone()));
    }
    let publishers = if network.simulation.dice().random_bool(0.4) { 1..3 } else { 0..1 };
    let publishers = network.simulation.dice().random_range(publishers);
    if publishers > 0 {
        network.simulation.broker.intake.open();
    }
    let publishers: Vec<_> = (0..publishers)
        .map(|number| tokio::spawn(publisher::run(network.clone(), number)))
        .collect();
    let neighbours = network.simulation.dice().random_bool(0.15);
    let neighbours = neighbours.then(|| tokio::spawn(neighbours::run(network.clone())));
    let told = join_all(clients.into_iter().chain(publishers).chain(neighbours)).await;
    let writes = match till {
        Some(till) => Some(till.await.unwrap()),
        None => None,
    };
    let told = told.into_iter().flat_map(Result::unwrap).collect();
    Box::new(Restaurants { told, writes, heard })
}

/// A request that only looks, at an order that is there from the beginning.
pub(crate) const LOOK: &str = r#"{"taskType": "GetOrder", "params": {"sync": {"objectId": 1, "timeout": 60},
    "orderGuid": "00000000-0000-0001-0000-000000000001"}}"#;

/// The task that a message of this name is.
pub(crate) fn named(message_id: &str) -> TaskGuid {
    message_id.parse().unwrap_or_else(|_| TaskGuid::derived(intent::SALT, message_id))
}

/// A task of the aggregator about one of the restaurants.
pub(crate) fn embedded_task(guid: TaskGuid, request: &str) -> NewTask {
    let key = TaskKey { object: intent::OBJECTS[0], guid };
    let digest = crate::domain::task::RequestDigest::of([request]);
    NewTask::by_licence((key, true), AggregatorId(1), "GetOrderList", request, digest)
}

/// Whether nothing is left to do.
pub(crate) use self::books::is_closed;

struct Restaurants {
    told: Vec<(Intent, Told)>,
    /// What the till did, where there was one.
    writes: Option<Vec<Write>>,
    heard: Heard,
}

impl Observations for Restaurants {
    fn told(&self) -> Vec<&Told> {
        let of_till = self.writes.iter().flatten().map(|write| &write.told);
        self.told.iter().map(|(_, told)| told).chain(of_till).collect()
    }

    fn wrong(
        &self,
        remains: &Remains,
        database: &rusqlite::Connection,
    ) -> rusqlite::Result<Vec<String>> {
        let books = Books::read(database)?;
        let writes = self.writes.as_deref();
        let mut broken = checker::check(remains, &self.told, writes.unwrap_or_default(), &books);
        if let Some(writes) = writes {
            let payments = &books.payments;
            broken.extend(till_checker::check(remains, writes, payments, &self.heard, database)?);
        }
        Ok(broken)
    }
}
