//! `wsa admin activeplatform reseller`

use crate::protocols::activeplatform::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::task::ObjectId;
use crate::protocols::activeplatform::sql::reference::Reseller;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin activeplatform reseller`
#[derive(Debug, Subcommand)]
pub(crate) enum Resellers {
    /// Add a reseller.
    Add(Add),
    /// List the resellers.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its number.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    id: i64,
    /// The reseller that it is below; the top of a tree when not given.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    parent: Option<i64>,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: i64,
    parent: Option<i64>,
    name: String,
}

impl From<Reseller> for Listing {
    fn from(of: Reseller) -> Listing {
        Listing { id: of.id.0, parent: of.parent.map(|parent| parent.0), name: of.name }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["reseller", "below", "name"];

    fn cells(&self) -> Vec<String> {
        let parent = self.parent.map_or("none".into(), |parent| parent.to_string());
        vec![self.id.to_string(), parent, self.name.clone()]
    }
}

impl Resellers {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Resellers::Add(add) => add.run(protocols).await,
            Resellers::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).resellers().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        let parent = self.parent.map(ObjectId);
        if let Some(parent) = parent {
            super::reseller(&store, parent).await?;
        }
        let new = Reseller { id: ObjectId(self.id), parent, name: self.name };
        let added = Tables::of(&store).add_reseller(&new).await?;
        super::message(added, &format!("reseller {}", self.id), &Listing::from(new), self.on.json)
    }
}
