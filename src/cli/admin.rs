//! `wsa admin`: the reference data. What is there already is never replaced by an `add`.

mod aggregator_settings;
mod aggregators;
mod amqp;
mod callback_lists;
mod callbacks;
mod currencies;
mod objects;

use crate::protocols::{activeplatform, billmanager, ticketscloud};
use std::process::ExitCode;

use clap::Subcommand;

/// `wsa admin`
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Restaurants.
    #[command(subcommand)]
    Object(objects::Objects),
    /// What a restaurant is paid with.
    #[command(subcommand)]
    Currency(currencies::Currencies),
    /// Callers, and the restaurants they may use.
    #[command(subcommand)]
    Aggregator(aggregators::Aggregators),
    /// What callers prove themselves with.
    #[command(subcommand)]
    Token(aggregators::Tokens),
    /// ActivePlatform: resellers and what they have.
    #[command(subcommand, name = "activeplatform")]
    ActivePlatform(activeplatform::admin::ActivePlatform),
    /// ticketscloud: partners, events, and what is sold of them.
    #[command(subcommand, name = "ticketscloud")]
    TicketsCloud(ticketscloud::admin::TicketsCloud),
    /// BILLmanager: what is sold, and who buys it.
    #[command(subcommand, name = "billmanager")]
    BillManager(billmanager::admin::BillManager),
}

impl Admin {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Admin::Object(command) => command.run().await?,
            Admin::Currency(command) => command.run().await?,
            Admin::Aggregator(command) => command.run().await?,
            Admin::Token(command) => command.run().await?,
            Admin::ActivePlatform(command) => command.run().await?,
            Admin::TicketsCloud(command) => command.run().await?,
            Admin::BillManager(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
