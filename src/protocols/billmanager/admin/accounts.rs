//! `wsa admin billmanager account` and `profile`

use crate::protocols::billmanager::sql::Tables;
use crate::surface::ProtocolList;
use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::money::Money;
use crate::protocols::billmanager::sql::reference::{Profile, ProfileKind, StoredAccount};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

/// `wsa admin billmanager account`
#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// Open an account of a client at a provider; it holds nothing yet.
    Add(AddAccount),
    /// List the accounts and what they hold.
    List(StoreFlags),
    /// Put money on an account.
    Deposit(Deposit),
}

/// `wsa admin billmanager profile`
#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    /// Add a payer to an account.
    Add(AddProfile),
    /// List the payers.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct AddAccount {
    /// The client.
    #[arg(long)]
    login: String,
    /// The provider.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    provider: i64,
    /// What it is kept in.
    #[arg(long, value_name = "RUB", value_parser = currency)]
    currency: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Deposit {
    /// The client.
    #[arg(long)]
    login: String,
    /// The provider.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    provider: i64,
    /// How much.
    #[arg(long, value_parser = values::amount)]
    amount: Money,
    /// What for; it stands in the account's entries.
    #[arg(long, value_parser = values::name)]
    note: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct AddProfile {
    /// The client.
    #[arg(long)]
    login: String,
    /// The provider.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    provider: i64,
    /// What the payer is.
    #[arg(long, value_name = "person|entrepreneur|company")]
    kind: ProfileKind,
    /// Its name, as orders show it.
    #[arg(long, value_parser = values::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Account {
    object: i64,
    login: String,
    provider: i64,
    currency: String,
    balance: Money,
}

#[derive(Serialize)]
struct Payer {
    id: i64,
    object: i64,
    kind: &'static str,
    name: String,
}

impl Listed for Account {
    const COLUMNS: &'static [&'static str] =
        &["object", "login", "provider", "currency", "balance"];

    fn cells(&self) -> Vec<String> {
        let (object, provider) = (self.object.to_string(), self.provider.to_string());
        vec![object, self.login.clone(), provider, self.currency.clone(), self.balance.to_string()]
    }
}

impl Listed for Payer {
    const COLUMNS: &'static [&'static str] = &["profile", "object", "kind", "name"];

    fn cells(&self) -> Vec<String> {
        let (id, object) = (self.id.to_string(), self.object.to_string());
        vec![id, object, self.kind.into(), self.name.clone()]
    }
}

impl From<StoredAccount> for Account {
    fn from(of: StoredAccount) -> Account {
        let StoredAccount { object, login, provider, currency, balance } = of;
        Account { object: object.0, login, provider, currency, balance }
    }
}

impl From<Profile> for Payer {
    fn from(of: Profile) -> Payer {
        Payer { id: of.id, object: of.object.0, kind: of.kind.as_str(), name: of.name }
    }
}

impl Accounts {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Accounts::Add(AddAccount { login, provider, currency, on }) => {
                let store = on.open(protocols).await?;
                let Some(object) =
                    Tables::of(&store).add_account(&login, provider, &currency).await?
                else {
                    bail!(
                        "no account was opened: there is no client {login}, no provider {provider}, or \
                         the client has an account there (`wsa admin billmanager user list`, `account list`)"
                    );
                };
                let balance = Money::ZERO;
                let account = StoredAccount { object, login, provider, currency, balance };
                message(Account::from(account), on.json, "opened account")
            }
            Accounts::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).accounts().await?;
                let rows: Vec<Account> = rows.into_iter().map(Account::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
            Accounts::Deposit(Deposit { login, provider, amount, note, on }) => {
                let store = on.open(protocols).await?;
                let account = super::account(&store, &login, provider).await?;
                let Some(balance) =
                    Tables::of(&store).deposit(account.object, amount, &note).await?
                else {
                    bail!("{amount} is more than the account can hold");
                };
                let account = StoredAccount { balance, ..account };
                message(Account::from(account), on.json, "put money on account")
            }
        }
    }
}

impl Profiles {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Profiles::Add(AddProfile { login, provider, kind, name, on }) => {
                let store = on.open(protocols).await?;
                let object = super::account(&store, &login, provider).await?.object;
                let id = Tables::of(&store).add_profile(object, kind, &name).await?;
                if on.json {
                    let payer = Profile { id, object, kind, name };
                    return Ok(output::json_line(&Payer::from(payer))?);
                }
                Ok(output::line(format_args!("added payer {id} of account {object}"))?)
            }
            Profiles::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).profiles().await?;
                let rows: Vec<Payer> = rows.into_iter().map(Payer::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

fn message(account: Account, json: bool, done: &str) -> anyhow::Result<()> {
    if json {
        return Ok(output::json_line(&account)?);
    }
    let Account { object, login, provider, currency, balance } = account;
    Ok(output::line(format_args!(
        "{done} {object} of {login} at provider {provider}: it holds {balance} {currency}"
    ))?)
}

/// A currency as the vendor writes it.
fn currency(text: &str) -> Result<String, String> {
    match text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text.to_owned()),
        false => Err("it must be three capital letters, like RUB".into()),
    }
}
