//! Clients of a hosting provider: carts, orders from the balance and by payments, several at once on one account.

mod checker;
mod client;
mod scene;
mod shopper;
mod stored;

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use rand::RngExt;
use rusqlite::Connection;

pub(crate) use self::scene::set;
use self::shopper::Done;
use self::stored::Stored;
use crate::simulation::checker::Remains;
use crate::simulation::context::lock;
use crate::simulation::network::Network;
use crate::simulation::observations::{Observations, Told};
use crate::simulation::tasks::TaskRow;

/// Lets some shoppers shop.
pub(crate) async fn play(network: Network) -> Box<dyn Observations> {
    let shoppers = network.simulation.dice().random_range(0..3);
    let done = Arc::new(Mutex::new(Done::default()));
    let shoppers = (0..shoppers)
        .map(|number| tokio::spawn(shopper::run(network.clone(), number, Arc::clone(&done))));
    for shopper in join_all(shoppers).await {
        shopper.unwrap();
    }
    let done = std::mem::take(&mut *lock(&done));
    Box::new(Shoppers(done))
}

struct Shoppers(Done);

impl Observations for Shoppers {
    fn told(&self) -> Vec<&Told> {
        self.0.writes.iter().map(|write| &write.told).collect()
    }

    /// The button of a page names no task: each time it is pressed is a new one.
    fn owns(&self, task: &TaskRow) -> bool {
        task.kind == "billmanager.PayOnPage"
    }

    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>> {
        let stored = Stored::read(database)?;
        Ok(checker::check(remains, &self.0, &stored))
    }
}
