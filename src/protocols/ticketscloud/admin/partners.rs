//! `wsa admin ticketscloud partner`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::PartnerId;
use crate::protocols::ticketscloud::sql::reference::Partner;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud partner`
#[derive(Debug, Subcommand)]
pub(crate) enum Partners {
    /// Add a partner.
    Add(Add),
    /// List the partners.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its id; otherwise one is made.
    #[arg(long)]
    id: Option<PartnerId>,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: PartnerId,
    name: String,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["partner", "name"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.name.clone()]
    }
}

impl From<Partner> for Listing {
    fn from(Partner { id, name }: Partner) -> Listing {
        Listing { id, name }
    }
}

impl Partners {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Partners::Add(Add { id, name, on }) => {
                let new = Partner { id: id.unwrap_or_else(PartnerId::random), name };
                let added = Tables::of(&on.open(protocols).await?).add_partner(&new).await?;
                super::message(added, &format!("partner {}", new.id), &Listing::from(new), &on)
            }
            Partners::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).partners().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}
