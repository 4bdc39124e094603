//! `wsa admin ticketscloud key`. A key is shown once; the store keeps its hash.

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::token::{self, TokenHash};
use crate::protocols::ticketscloud::hex_id::PartnerId;
use crate::protocols::ticketscloud::sql::reference::Key;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud key`
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Add a key; prints it, this once.
    Add(Add),
    /// Remove a key: it opens nothing from then on.
    Remove(Remove),
    /// List the keys.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Whose it is.
    #[arg(long, value_name = "ID")]
    partner: PartnerId,
    /// A name for people, unique.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its name.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct NewKey {
    partner: PartnerId,
    aggregator: String,
    key: String,
}

#[derive(Serialize)]
struct Listing {
    name: String,
    partner: PartnerId,
    aggregator: String,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["key", "partner", "aggregator"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.partner.to_string(), self.aggregator.clone()]
    }
}

impl From<Key> for Listing {
    fn from(of: Key) -> Listing {
        let aggregator = of.aggregator();
        Listing { name: of.name, partner: of.partner, aggregator }
    }
}

impl Keys {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Keys::Add(add) => add.run(protocols).await,
            Keys::Remove(Remove { name, on }) => {
                let removed = Tables::of(&on.open(protocols).await?).remove_key(&name).await?;
                super::removed(removed, &format!("key {name}"), "there is none of this name")
            }
            Keys::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).keys().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { partner, name, on } = self;
        let store = on.open(protocols).await?;
        super::partner(&store, partner).await?;
        let new = Key { partner, name };
        let (key, aggregator) = (token::generate(), new.aggregator());
        if !Tables::of(&store).add_key(&new, TokenHash::of(&key)).await? {
            bail!(
                "there is a key {} already and it was left as it is: \
                 `wsa admin token rotate --name {aggregator}` gives it a new token",
                new.name
            );
        }
        if on.json {
            return Ok(output::json_line(&NewKey { partner, aggregator, key })?);
        }
        output::line(format_args!("added key {} of partner {partner}", new.name))?;
        Ok(output::line(format_args!("key (shown this once; keep it secret): {key}"))?)
    }
}
