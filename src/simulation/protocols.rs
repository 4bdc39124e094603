//! The protocols of a run: what is there when it begins, who calls, and when nothing is left to do.

use futures_util::future::join_all;
use rusqlite::Connection;

use super::evidence::Evidence;
use super::line::Line;
use super::{activeplatform, billmanager, ticketscloud, whiteserver};

/// Writes what is there into empty tables.
pub(super) fn set(database: &Connection) -> rusqlite::Result<()> {
    whiteserver::set(database)?;
    ticketscloud::set(database)?;
    activeplatform::set(database)?;
    billmanager::set(database)
}

/// Lets the clients of each do what they want, and tells what they know in the end.
pub(super) async fn play(line: Line) -> Vec<Box<dyn Evidence>> {
    let played = [
        tokio::spawn(whiteserver::play(line.clone())),
        tokio::spawn(ticketscloud::play(line.clone())),
        tokio::spawn(activeplatform::play(line.clone())),
        tokio::spawn(billmanager::play(line)),
    ];
    join_all(played).await.into_iter().map(Result::unwrap).collect()
}

/// Whether nothing is left to do.
pub(super) fn are_closed(database: &Connection) -> rusqlite::Result<bool> {
    Ok(super::checker::is_closed(database)?
        && whiteserver::is_closed(database)?
        && ticketscloud::is_closed(database)?)
}
