//! `wsa admin activeplatform`: resellers, managers, payment methods, accounts and payments.

mod accounts;
mod managers;
mod payments;
mod resellers;

use crate::protocols::activeplatform::sql::Tables;
use crate::surface::ProtocolList;
use clap::Subcommand;

use super::wire::request;
use crate::domain::task::ObjectId;
use crate::engine::store::Store;
use crate::surface::AdminCommand;
use crate::terminal::output;
use crate::terminal::values::name;

/// The commands below `wsa admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// ActivePlatform: resellers and what they have.
    #[command(subcommand, name = "activeplatform")]
    ActivePlatform(ActivePlatform),
}

impl AdminCommand for Admin {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Admin::ActivePlatform(command) = self;
        command.run(protocols).await
    }
}

/// `wsa admin activeplatform`
#[derive(Debug, Subcommand)]
pub(crate) enum ActivePlatform {
    /// Resellers, a tree.
    #[command(subcommand)]
    Reseller(resellers::Resellers),
    /// Those who complete payments.
    #[command(subcommand)]
    Manager(managers::Managers),
    /// What a reseller's payments are paid with.
    #[command(subcommand)]
    Method(accounts::Methods),
    /// What payments are credited to.
    #[command(subcommand)]
    Account(accounts::Accounts),
    /// Payments.
    #[command(subcommand)]
    Payment(payments::Payments),
}

impl ActivePlatform {
    pub(crate) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            ActivePlatform::Reseller(command) => command.run(protocols).await,
            ActivePlatform::Manager(command) => command.run(protocols).await,
            ActivePlatform::Method(command) => command.run(protocols).await,
            ActivePlatform::Account(command) => command.run(protocols).await,
            ActivePlatform::Payment(command) => command.run(protocols).await,
        }
    }
}

/// A number of something.
fn id(text: &str) -> Result<i64, String> {
    request::path_id(text).ok_or_else(|| "it must be a positive whole number".into())
}

/// A currency as the vendor writes it.
fn currency(text: &str) -> Result<String, String> {
    match text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text.to_owned()),
        false => Err("it must be three capital letters, like USD".into()),
    }
}

/// The reseller must be there.
async fn reseller(store: &Store, wanted: ObjectId) -> anyhow::Result<()> {
    match Tables::of(store).resellers().await?.iter().any(|reseller| reseller.id == wanted) {
        true => Ok(()),
        false => anyhow::bail!(
            "there is no reseller {wanted}: `wsa admin activeplatform reseller list` shows those there are"
        ),
    }
}

/// Says that something is added, or that it was there.
fn message(added: bool, what: &str, row: &impl output::Listed, json: bool) -> anyhow::Result<()> {
    if !added {
        anyhow::bail!(
            "there is {what} already and it was left as it is: `list` in place of `add` shows it"
        );
    }
    match json {
        true => Ok(output::json_line(row)?),
        false => Ok(output::line(format_args!("added {what}"))?),
    }
}
