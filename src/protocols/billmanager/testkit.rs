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
use crate::simulation::tasks::{TaskRow, none};

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

/// Lets services stand still, and waits until nothing is on its way that was due before.
pub(crate) async fn stand_still(network: &Network) {
    loop {
        {
            let database = network.simulation.database.lock().await;
            let moving = "SELECT (SELECT count(*) FROM bm_services WHERE look_at IS NOT NULL)
                               + (SELECT count(*) FROM tasks
                                  WHERE task_type = 'billmanager.Renew' AND outcome IS NULL) AS found";
            let none = none(&database, moving).unwrap();
            database.execute("UPDATE bm_services SET look_at = NULL", ()).unwrap();
            if none {
                return;
            }
        }
        network.pause(1_000, 2_000).await;
    }
}

struct Shoppers(Done);

impl Observations for Shoppers {
    fn told(&self) -> Vec<&Told> {
        self.0.writes.iter().map(|write| &write.told).collect()
    }

    /// The button of a page names no task: each time it is pressed is a new one. What is due has no client.
    fn owns(&self, task: &TaskRow) -> bool {
        ["billmanager.PayOnPage", "billmanager.Renew"].contains(&&*task.kind)
    }

    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>> {
        let stored = Stored::read(database)?;
        Ok(checker::check(remains, &self.0, &stored))
    }
}
