//! Resellers: bridges that complete payments, some of them the same one, and some with the same transaction.

mod bridge;
mod checker;
mod scene;
mod stored;

use futures_util::future::join_all;
use rand::RngExt;
use rusqlite::Connection;

use self::bridge::Came;
pub(crate) use self::scene::set;
use self::stored::Stored;
use crate::simulation::checker::Remains;
use crate::simulation::network::Network;
use crate::simulation::observations::{Observations, Told};

/// Lets some bridges tell of money that came.
pub(crate) async fn play(network: Network) -> Box<dyn Observations> {
    let bridges = network.simulation.dice().random_range(0..3);
    let bridges = (0..bridges).map(|number| tokio::spawn(bridge::run(network.clone(), number)));
    let came = join_all(bridges).await;
    Box::new(Bridges(came.into_iter().flat_map(Result::unwrap).collect()))
}

struct Bridges(Vec<Came>);

impl Observations for Bridges {
    fn told(&self) -> Vec<&Told> {
        self.0.iter().map(|came| &came.told).collect()
    }

    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>> {
        let stored = Stored::read(database)?;
        Ok(checker::check(remains, &self.0, &stored))
    }
}
