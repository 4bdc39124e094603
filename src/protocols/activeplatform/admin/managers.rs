//! `wsa admin activeplatform manager`. A token is shown once; the store keeps its hash.

use crate::protocols::activeplatform::sql::Tables;
use crate::surface::ProtocolList;
use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::task::ObjectId;
use crate::domain::token::{self, TokenHash};
use crate::protocols::activeplatform::sql::managers::Role;
use crate::protocols::activeplatform::sql::reference::Manager;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin activeplatform manager`
#[derive(Debug, Subcommand)]
pub(crate) enum Managers {
    /// Add a manager; prints its token, this once.
    Add(Add),
    /// List the managers.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its number.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    id: i64,
    /// Its reseller; it reaches that one and all below.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    reseller: i64,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    /// administrator and accountant complete payments, viewer looks.
    #[arg(long, value_name = "administrator|accountant|viewer")]
    role: Role,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct NewToken {
    manager: i64,
    aggregator: String,
    token: String,
}

#[derive(Serialize)]
struct Listing {
    id: i64,
    reseller: i64,
    name: String,
    role: &'static str,
    aggregator: String,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["manager", "reseller", "name", "role", "aggregator"];

    fn cells(&self) -> Vec<String> {
        let (id, reseller) = (self.id.to_string(), self.reseller.to_string());
        vec![id, reseller, self.name.clone(), self.role.into(), self.aggregator.clone()]
    }
}

impl From<Manager> for Listing {
    fn from(of: Manager) -> Listing {
        let aggregator = of.aggregator();
        let (id, reseller) = (of.id, of.reseller.0);
        Listing { id, reseller, name: of.name, role: of.role.as_str(), aggregator }
    }
}

impl Managers {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Managers::Add(add) => add.run(protocols).await,
            Managers::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).managers().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { id, reseller, name, role, on } = self;
        let store = on.open(protocols).await?;
        let reseller = ObjectId(reseller);
        super::reseller(&store, reseller).await?;
        let new = Manager { id, reseller, name, role };
        let (token, aggregator) = (token::generate(), new.aggregator());
        if !Tables::of(&store).add_manager(&new, TokenHash::of(&token)).await? {
            bail!(
                "there is a manager {id} already and it was left as it is: \
                 `wsa admin token rotate --name {aggregator}` gives it a new token"
            );
        }
        if on.json {
            return Ok(output::json_line(&NewToken { manager: id, aggregator, token })?);
        }
        output::line(format_args!("added manager {id} of reseller {reseller}, {role}"))?;
        Ok(output::line(format_args!("token (shown this once; keep it secret): {token}"))?)
    }
}
