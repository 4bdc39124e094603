//! `wsa admin billmanager user`. A password that is made here is shown once; the store keeps its hash.

use crate::protocols::billmanager::sql::Tables;
use crate::surface::ProtocolList;
use std::io::Read;

use anyhow::{Context, bail};
use clap::{ArgAction, Args, Subcommand};
use serde::Serialize;

use crate::domain::token;
use crate::protocols::billmanager::http::{LONGEST_PASSWORD, SHORTEST_PASSWORD};
use crate::protocols::billmanager::passwords;
use crate::protocols::billmanager::sql::users::{Level, ListedUser, aggregator_of};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

/// `wsa admin billmanager user`
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Add a user; prints its password, this once, unless one is given.
    Add(Add),
    /// List the users.
    List(StoreFlags),
    /// Give a user another password, which ends its sessions.
    Password(Password),
    /// Let a user call, or not; either ends its sessions.
    Set(Set),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its login.
    #[arg(long, value_parser = super::login)]
    login: String,
    /// client orders for itself, administrator acts for any client.
    #[arg(long, value_name = "client|administrator")]
    level: Level,
    /// Read its password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Password {
    /// Its login.
    #[arg(long)]
    login: String,
    /// Read it from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Its login.
    #[arg(long)]
    login: String,
    /// Whether it may call.
    #[arg(long, action = ArgAction::Set, value_name = "on|off", value_parser = values::on_off)]
    active: bool,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct NewPassword {
    login: String,
    aggregator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

#[derive(Serialize)]
struct Listing {
    id: i64,
    login: String,
    level: &'static str,
    active: bool,
    aggregator: String,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["user", "login", "level", "active", "aggregator"];

    fn cells(&self) -> Vec<String> {
        let active = if self.active { "on" } else { "off" };
        let (id, login) = (self.id.to_string(), self.login.clone());
        vec![id, login, self.level.into(), active.into(), self.aggregator.clone()]
    }
}

impl From<ListedUser> for Listing {
    fn from(of: ListedUser) -> Listing {
        let ListedUser { id, login, level, active, aggregator } = of;
        Listing { id, login, level: level.as_str(), active, aggregator }
    }
}

impl Users {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Users::Add(Add { login, level, password_stdin, on }) => {
                let store = on.open(protocols).await?;
                let (password, hash) = password(password_stdin).await?;
                if Tables::of(&store).add_user(&login, &hash, level).await?.is_none() {
                    bail!(
                        "there is a user {login} already and it was left as it is: `wsa admin billmanager user \
                         password --login {login}` gives it another password"
                    );
                }
                tell(login, "added", password, on.json)
            }
            Users::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).list_users().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
            Users::Password(Password { login, password_stdin, on }) => {
                let store = on.open(protocols).await?;
                let (password, hash) = password(password_stdin).await?;
                if !Tables::of(&store).set_password(&login, &hash).await? {
                    return Err(unknown(&login));
                }
                tell(login, "changed the password of", password, on.json)
            }
            Users::Set(Set { login, active, on }) => {
                if !Tables::of(&on.open(protocols).await?).set_active(&login, active).await? {
                    return Err(unknown(&login));
                }
                let may = if active { "may" } else { "may not" };
                Ok(output::line(format_args!("{login} {may} call"))?)
            }
        }
    }
}

/// A password to be shown, when it was made here, and its hash.
async fn password(from_stdin: bool) -> anyhow::Result<(Option<String>, String)> {
    let password = match from_stdin {
        false => token::generate(),
        true => {
            let mut text = String::new();
            std::io::stdin().take(4096).read_to_string(&mut text).context("no password came")?;
            text.lines().next().unwrap_or_default().to_owned()
        }
    };
    let length = password.chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        bail!(
            "the password has {length} characters: it must have {SHORTEST_PASSWORD} to \
             {LONGEST_PASSWORD}"
        );
    }
    if password.chars().any(char::is_control) {
        bail!("the password must not contain control characters");
    }
    let shown = (!from_stdin).then(|| password.clone());
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&password)).await?;
    let hash = hash.map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))?;
    Ok((shown, hash))
}

fn unknown(login: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "there is no user {login}: `wsa admin billmanager user list` shows those there are"
    )
}

fn tell(login: String, done: &str, password: Option<String>, json: bool) -> anyhow::Result<()> {
    let aggregator = aggregator_of(&login);
    if json {
        return Ok(output::json_line(&NewPassword { login, aggregator, password })?);
    }
    output::line(format_args!("{done} user {login}"))?;
    if let Some(password) = password {
        output::line(format_args!("password (shown this once; keep it secret): {password}"))?;
    }
    Ok(())
}
