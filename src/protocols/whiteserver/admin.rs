//! What White Server has below `wsa admin`: restaurants, currencies, aggregators and their tokens. What is there
//! already is never replaced by an `add`.

mod aggregator_settings;
mod aggregators;
mod amqp;
mod callback_lists;
mod callback_replay;
mod callbacks;
mod catalogues;
mod currencies;
mod object_listing;
mod objects;
mod tills;

use clap::Subcommand;

use crate::surface::{AdminCommand, ProtocolList};

/// The commands below `wsa admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Restaurants.
    #[command(subcommand)]
    Object(objects::Objects),
    /// What a restaurant offers: halls, employees, menu, stop list.
    #[command(subcommand)]
    Catalogue(catalogues::Catalogues),
    /// What a restaurant is paid with.
    #[command(subcommand)]
    Currency(currencies::Currencies),
    /// Restaurants' own systems.
    #[command(subcommand)]
    Till(tills::Tills),
    /// Callers, and the restaurants they may use.
    #[command(subcommand)]
    Aggregator(aggregators::Aggregators),
    /// What callers prove themselves with.
    #[command(subcommand)]
    Token(aggregators::Tokens),
}

impl AdminCommand for Admin {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Admin::Object(command) => command.run(protocols).await,
            Admin::Catalogue(command) => command.run(protocols).await,
            Admin::Currency(command) => command.run(protocols).await,
            Admin::Till(command) => command.run(protocols).await,
            Admin::Aggregator(command) => command.run(protocols).await,
            Admin::Token(command) => command.run(protocols).await,
        }
    }
}
