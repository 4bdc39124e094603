//! Rights are withdrawn and given again: the licence of the aggregator for a restaurant, its right to publish, the
//! right of a manager to complete payments, the right of a partner to sell an event. What was refused for that is
//! never in the books; what was accepted before goes on.

use std::time::Duration;

use rand::RngExt;
use tokio::time::sleep;

use super::context::{Simulation, lock};
use super::network::Network;

/// A right: how it is withdrawn, and how it is given again.
struct Right {
    name: &'static str,
    withdraw: &'static str,
    give: &'static str,
}

const RIGHTS: [Right; 5] = [
    Right {
        name: LICENCES[0],
        withdraw: "DELETE FROM licences WHERE aggregator_id = 1 AND object_id = 1",
        give: "INSERT INTO licences VALUES (1, 1)",
    },
    Right {
        name: LICENCES[1],
        withdraw: "DELETE FROM licences WHERE aggregator_id = 1 AND object_id = 2",
        give: "INSERT INTO licences VALUES (1, 2)",
    },
    Right {
        name: PUBLISHING,
        withdraw: "UPDATE aggregators SET amqp_user = NULL WHERE aggregator_id = 1",
        give: "UPDATE aggregators SET amqp_user = 'kiosk' WHERE aggregator_id = 1",
    },
    Right {
        name: COMPLETING,
        withdraw: "UPDATE ap_managers SET role = 'viewer'",
        give: "UPDATE ap_managers SET role = 'accountant'",
    },
    Right {
        name: SELLING,
        withdraw: "UPDATE tc_events SET org = '0000000000000000000000c2'",
        give: "UPDATE tc_events SET org = '0000000000000000000000c1'",
    },
];

/// The licences for the two restaurants.
pub(crate) const LICENCES: [&str; 2] = ["licence 1", "licence 2"];
/// The right to publish over AMQP.
pub(crate) const PUBLISHING: &str = "publishing";
/// The right to complete payments.
pub(crate) const COMPLETING: &str = "completing";
/// The right to sell.
pub(crate) const SELLING: &str = "selling";

impl Simulation {
    /// Whether this right was withdrawn at any time of the run: then whoever is told so was told the truth.
    pub(crate) fn was_withdrawn(&self, right: &str) -> bool {
        lock(&self.withdrawn).contains(right)
    }
}

/// For how long a right is withdrawn at the most.
pub(crate) const LONGEST: Duration = Duration::from_secs(4);

/// Withdraws rights until nothing goes wrong any more; in the end, and [`LONGEST`] later, all are there.
pub(crate) async fn run(network: Network) {
    let simulation = &network.simulation;
    network.pause(0, 3_000).await;
    while !simulation.is_mended() {
        // The first of them are those of who publishes.
        let most = match simulation.broker.intake.is_used() && simulation.dice().random_bool(0.8) {
            true => 3,
            false => RIGHTS.len(),
        };
        let right = &RIGHTS[simulation.dice().random_range(0..most)];
        simulation.count("rights withdrawn");
        lock(&simulation.withdrawn).insert(right.name);
        tell(simulation, right.name, right.withdraw).await;
        let lasting = simulation.dice().random_range(100..LONGEST.as_millis() as u64);
        sleep(Duration::from_millis(lasting)).await;
        tell(simulation, right.name, right.give).await;
        network.pause(0, 3_000).await;
    }
}

async fn tell(simulation: &Simulation, name: &str, statement: &str) {
    let database = simulation.database.lock().await;
    simulation.note("simulation", "right", &format!("{name}: {statement}"));
    database.prepare_cached(statement).unwrap().execute([]).unwrap();
}
