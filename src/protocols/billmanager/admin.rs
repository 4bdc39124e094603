//! `wsa admin billmanager`: the catalogue, users, accounts and payers.

mod accounts;
mod catalogue;
mod users;

use clap::Subcommand;

use super::sql::reference::StoredAccount;
use crate::engine::store::Store;
use crate::protocols::billmanager::sql::Tables;
use crate::surface::{AdminCommand, ProtocolList};

/// The commands below `wsa admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// BILLmanager: what is sold, and who buys it.
    #[command(subcommand, name = "billmanager")]
    BillManager(BillManager),
}

impl AdminCommand for Admin {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Admin::BillManager(command) = self;
        command.run(protocols).await
    }
}

/// `wsa admin billmanager`
#[derive(Debug, Subcommand)]
pub(crate) enum BillManager {
    /// What is sold and how it is paid: providers, price lists, promo codes, payment methods.
    #[command(subcommand)]
    Catalogue(catalogue::Catalogues),
    /// Clients and administrators.
    #[command(subcommand)]
    User(users::Users),
    /// Clients at providers, and their balances.
    #[command(subcommand)]
    Account(accounts::Accounts),
    /// Payers.
    #[command(subcommand)]
    Profile(accounts::Profiles),
}

impl BillManager {
    pub(crate) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            BillManager::Catalogue(command) => command.run(protocols).await,
            BillManager::User(command) => command.run(protocols).await,
            BillManager::Account(command) => command.run(protocols).await,
            BillManager::Profile(command) => command.run(protocols).await,
        }
    }
}

/// A number of something.
fn id(text: &str) -> Result<i64, String> {
    let id = crate::domain::task::guid::whole(text).filter(|id| *id > 0);
    id.ok_or_else(|| "it must be a positive whole number".into())
}

/// A login: it stands before a colon in `authinfo`, and in the name of an aggregator.
fn login(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
    match (1..=64).contains(&text.len()) && text.chars().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err("it must be 1 to 64 letters, digits and . _ - @ +".into()),
    }
}

/// The account of a client at a provider.
async fn account(store: &Store, login: &str, provider: i64) -> anyhow::Result<StoredAccount> {
    let accounts = Tables::of(store).accounts().await?;
    let found = accounts.into_iter().find(|a| a.login == login && a.provider == provider);
    found.ok_or_else(|| {
        anyhow::anyhow!(
            "{login} has no account at provider {provider}: `wsa admin billmanager account list` shows \
             those there are"
        )
    })
}
