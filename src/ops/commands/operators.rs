//! `wsa admin operator`: who may operate the service. A token is shown once; the store keeps its hash.

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::config::OpsListen;
use crate::domain::token::{self, TokenHash};
use crate::ops::access::sessions::login_link;
use crate::ops::access::{ListedOperator, Operators, Role};
use crate::ops::actions::operators::name;
use crate::runtime::tls;
use crate::surface::store::StoreFlags;
use crate::surface::{AdminCommand, ProtocolList, conduct};
use crate::terminal::output::{self, Listed};

/// Commands of the program itself below `wsa admin`.
#[derive(Debug, Subcommand)]
pub enum Own {
    /// Who may use the operator API and the console.
    #[command(subcommand)]
    Operator(Operator),
}

/// `wsa admin operator`
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Add an operator; prints its token, this once.
    Add(WithRole),
    /// List the operators.
    List(StoreFlags),
    /// Give an operator another role.
    Set(WithRole),
    /// Give an operator a new token, printed this once; the old one is invalid at once.
    Rotate(Named),
    /// Let an operator's token open nothing any more.
    Disable(Named),
    /// Let it open again what its role lets it.
    Enable(Named),
    /// Print a link that logs a browser of an operator into the console, once, within 15 minutes.
    LoginLink(Link),
}

/// An operator and a role.
#[derive(Debug, Args)]
pub struct WithRole {
    /// The name: unique, and what the journal says.
    #[arg(long, value_parser = name)]
    name: String,
    /// viewer reads, with personal data masked; operator also replays, pauses, cancels; finance also reveals and
    /// withdraws licences; admin also changes operators and tokens.
    #[arg(long, value_name = "viewer|operator|finance|admin")]
    role: Role,
    #[command(flatten)]
    on: StoreFlags,
}

/// An operator whose browser is logged in.
#[derive(Debug, Args)]
pub struct Link {
    /// The operator's name.
    #[arg(value_parser = name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

/// An operator.
#[derive(Debug, Args)]
pub struct Named {
    /// The name.
    #[arg(long, value_parser = name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct NewToken {
    name: String,
    token: String,
}

impl Listed for ListedOperator {
    const COLUMNS: &'static [&'static str] = &["name", "role", "created", "disabled"];

    fn cells(&self) -> Vec<String> {
        let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        vec![
            self.name.clone(),
            self.role.to_string(),
            time(self.created_at),
            self.disabled_at.map(time).unwrap_or_default(),
        ]
    }
}

impl AdminCommand for Own {
    async fn run(self, list: &'static ProtocolList) -> anyhow::Result<()> {
        let Own::Operator(operator) = self;
        operator.run(list).await
    }
}

impl Operator {
    async fn run(self, list: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Operator::Add(WithRole { name, role, on }) => {
                let store = on.open(list).await?;
                let token = token::generate();
                let (actor, why) = conduct::now();
                let hash = TokenHash::of(&token);
                if !Operators::of(&store).add(&actor, why, (&name, role), hash).await? {
                    bail!("there is an operator {name:?} already");
                }
                show(&on, name, token)
            }
            Operator::List(on) => {
                let store = on.open(list).await?;
                Ok(output::list(&Operators::of(&store).all().await?, on.json)?)
            }
            Operator::Set(WithRole { name, role, on }) => {
                let store = on.open(list).await?;
                let (actor, why) = conduct::now();
                known(Operators::of(&store).set_role(&actor, why, &name, role).await?, &name)
            }
            Operator::Rotate(Named { name, on }) => {
                let store = on.open(list).await?;
                let token = token::generate();
                let (actor, why) = conduct::now();
                let hash = TokenHash::of(&token);
                known(Operators::of(&store).rotate(&actor, why, &name, hash).await?, &name)?;
                show(&on, name, token)
            }
            Operator::Disable(named) => named.disable(list, true).await,
            Operator::Enable(named) => named.disable(list, false).await,
            Operator::LoginLink(link) => link.print(list).await,
        }
    }
}

impl Link {
    async fn print(self, list: &'static ProtocolList) -> anyhow::Result<()> {
        let Link { name, on } = self;
        let settings = on.settings(list)?;
        let OpsListen::At(address) = settings.ops.listen else {
            bail!("ops.listen is off: no process serves operators");
        };
        let scheme = if tls::server::is_set(&settings.http.tls)? { "https" } else { "http" };
        let store = on.open(list).await?;
        let (actor, _) = conduct::now();
        let Some(path) = login_link(&store, &actor, &name).await? else {
            bail!(
                "there is no operator {name:?} that is enabled: `wsa admin operator list` shows those there are"
            );
        };
        let link = format!("{scheme}://{address}{path}");
        match on.json {
            true => output::json_line(&serde_json::json!({"name": name, "link": link}))?,
            false => output::line(format_args!("{link}"))?,
        }
        Ok(())
    }
}

impl Named {
    async fn disable(self, list: &'static ProtocolList, disabled: bool) -> anyhow::Result<()> {
        let store = self.on.open(list).await?;
        let (actor, why) = conduct::now();
        let done = Operators::of(&store).disable(&actor, why, &self.name, disabled).await?;
        known(done, &self.name)
    }
}

fn known(done: bool, name: &str) -> anyhow::Result<()> {
    if !done {
        bail!("there is no operator {name:?}: `wsa admin operator list` shows those there are");
    }
    Ok(())
}

fn show(on: &StoreFlags, name: String, token: String) -> anyhow::Result<()> {
    match on.json {
        true => output::json_line(&NewToken { name, token })?,
        false => output::line(format_args!("token of {name}, shown this once: {token}"))?,
    }
    Ok(())
}
