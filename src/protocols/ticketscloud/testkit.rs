//! Box offices: buyers who want more tickets than there are, pay, give up, or forget their orders.

mod buyer;
mod checker;
mod scene;
mod stored;

use futures_util::future::join_all;
use rand::RngExt;
use rusqlite::Connection;

use self::buyer::Write;
pub(crate) use self::scene::set;
use self::stored::Stored;
pub(crate) use self::stored::is_closed;
use crate::simulation::checker::Remains;
use crate::simulation::network::Network;
use crate::simulation::observations::{Observations, Told};

/// Lets some buyers buy.
pub(crate) async fn play(network: Network) -> Box<dyn Observations> {
    let buyers = network.simulation.dice().random_range(0..3);
    let buyers = (0..buyers).map(|number| tokio::spawn(buyer::run(network.clone(), number)));
    let writes = join_all(buyers).await;
    Box::new(Buyers(writes.into_iter().flat_map(Result::unwrap).collect()))
}

struct Buyers(Vec<Write>);

impl Observations for Buyers {
    fn told(&self) -> Vec<&Told> {
        self.0.iter().map(|write| &write.told).collect()
    }

    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>> {
        let stored = Stored::read(database)?;
        Ok(checker::check(remains, &self.0, &stored))
    }
}
