//! The protocols of a run: what is there when it begins, who calls, and when nothing is left to do.

use futures_util::future::join_all;
use rand::RngExt;
use rusqlite::Connection;

use super::network::Network;
use super::observations::Observations;
use super::{operators, rights};
use crate::protocols::{activeplatform, billmanager, ticketscloud, whiteserver};

/// In how many runs rights are withdrawn for a while.
const WITHDRAWN: f64 = 0.4;

/// Writes what is there into empty tables.
pub(crate) fn set(database: &Connection) -> rusqlite::Result<()> {
    whiteserver::testkit::set(database)?;
    ticketscloud::testkit::set(database)?;
    activeplatform::testkit::set(database)?;
    billmanager::testkit::set(database)
}

/// What would go on by itself while weeks pass stands still.
pub(crate) async fn stand_still(network: &Network) {
    billmanager::testkit::stand_still(network).await;
}

/// Lets the clients of each do what they want, and tells what they know in the end.
pub(crate) async fn play(network: Network) -> Vec<Box<dyn Observations>> {
    let withdrawn = network.simulation.dice().random_bool(WITHDRAWN);
    if withdrawn {
        tokio::spawn(rights::run(network.clone()));
    }
    if operators::are_there(network.simulation.seed) {
        // Licences are withdrawn by one of the two: each knows what there is to give again.
        tokio::spawn(operators::run(network.clone(), !withdrawn));
    }
    let played = [
        tokio::spawn(whiteserver::testkit::play(network.clone())),
        tokio::spawn(ticketscloud::testkit::play(network.clone())),
        tokio::spawn(activeplatform::testkit::play(network.clone())),
        tokio::spawn(billmanager::testkit::play(network)),
    ];
    join_all(played).await.into_iter().map(Result::unwrap).collect()
}

/// Whether nothing is left to do.
pub(crate) fn are_closed(database: &Connection) -> rusqlite::Result<bool> {
    Ok(super::checker::is_closed(database)?
        && whiteserver::testkit::is_closed(database)?
        && ticketscloud::testkit::is_closed(database)?)
}
