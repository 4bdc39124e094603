//! `wsa admin activeplatform method` and `account`

use crate::protocols::activeplatform::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::activeplatform::sql::reference::{PaymentMethod, StoredAccount};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin activeplatform method`
#[derive(Debug, Subcommand)]
pub(crate) enum Methods {
    /// Add a payment method.
    Add(AddMethod),
    /// List the payment methods.
    List(StoreFlags),
}

/// `wsa admin activeplatform account`
#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// Add an account, which holds nothing yet.
    Add(AddAccount),
    /// List the accounts and what they hold.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct AddMethod {
    /// Whose it is.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    reseller: i64,
    /// Its number at the reseller.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    id: i64,
    /// Its name, as payments show it.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct AddAccount {
    /// Whose it is.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    reseller: i64,
    /// Its number at the reseller.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    id: i64,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    /// What it is kept in.
    #[arg(long, value_name = "USD", value_parser = super::currency)]
    currency: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Method {
    reseller: i64,
    id: i64,
    name: String,
}

#[derive(Serialize)]
struct Account {
    reseller: i64,
    id: i64,
    name: String,
    currency: String,
    balance: Money,
}

impl Listed for Method {
    const COLUMNS: &'static [&'static str] = &["reseller", "method", "name"];

    fn cells(&self) -> Vec<String> {
        vec![self.reseller.to_string(), self.id.to_string(), self.name.clone()]
    }
}

impl Listed for Account {
    const COLUMNS: &'static [&'static str] =
        &["reseller", "account", "name", "currency", "balance"];

    fn cells(&self) -> Vec<String> {
        let (reseller, id) = (self.reseller.to_string(), self.id.to_string());
        vec![reseller, id, self.name.clone(), self.currency.clone(), self.balance.to_string()]
    }
}

impl From<PaymentMethod> for Method {
    fn from(of: PaymentMethod) -> Method {
        Method { reseller: of.reseller.0, id: of.id, name: of.name }
    }
}

impl From<StoredAccount> for Account {
    fn from(of: StoredAccount) -> Account {
        let StoredAccount { reseller, id, name, currency, balance } = of;
        Account { reseller: reseller.0, id, name, currency, balance }
    }
}

impl Methods {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Methods::Add(AddMethod { reseller, id, name, on }) => {
                let (store, reseller) = (on.open(protocols).await?, ObjectId(reseller));
                super::reseller(&store, reseller).await?;
                let new = PaymentMethod { reseller, id, name };
                let added = Tables::of(&store).add_method(&new).await?;
                let what = format!("payment method {id} of reseller {reseller}");
                super::message(added, &what, &Method::from(new), on.json)
            }
            Methods::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).methods().await?;
                let rows: Vec<Method> = rows.into_iter().map(Method::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Accounts {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Accounts::Add(AddAccount { reseller, id, name, currency, on }) => {
                let (store, reseller) = (on.open(protocols).await?, ObjectId(reseller));
                super::reseller(&store, reseller).await?;
                let new = StoredAccount { reseller, id, name, currency, balance: Money::ZERO };
                let added = Tables::of(&store).add_account(&new).await?;
                let what = format!("account {id} of reseller {reseller}");
                super::message(added, &what, &Account::from(new), on.json)
            }
            Accounts::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).accounts().await?;
                let rows: Vec<Account> = rows.into_iter().map(Account::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}
