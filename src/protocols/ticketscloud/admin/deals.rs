//! `wsa admin ticketscloud deal`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::{DealId, EventId, PartnerId};
use crate::protocols::ticketscloud::sql::reference::Deal;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud deal`
#[derive(Debug, Subcommand)]
pub(crate) enum Deals {
    /// Let a partner sell somebody else's event.
    Add(Add),
    /// Let it sell no more; its orders go on.
    Remove(Remove),
    /// List the deals.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its id, as orders show it; otherwise one is made.
    #[arg(long)]
    id: Option<DealId>,
    /// What is sold.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// Who sells.
    #[arg(long, value_name = "ID")]
    partner: PartnerId,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its id.
    #[arg(long)]
    id: DealId,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: DealId,
    event: String,
    partner: PartnerId,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["deal", "event", "partner"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.event.clone(), self.partner.to_string()]
    }
}

impl Deals {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Deals::Add(Add { id, event, partner, on }) => {
                let store = on.open(protocols).await?;
                super::partner(&store, partner).await?;
                let object = super::event(&store, event).await?.object;
                let id = id.unwrap_or_else(DealId::random);
                let added = Tables::of(&store).add_deal(&Deal { id, object, partner }).await?;
                let what = format!("deal {id}: partner {partner} sells event {event}");
                let row = Listing { id, event: event.to_string(), partner };
                super::message(added, &what, &row, &on)
            }
            Deals::Remove(Remove { id, on }) => {
                let removed = Tables::of(&on.open(protocols).await?).remove_deal(id).await?;
                super::removed(removed, &format!("deal {id}"), "there is none of this id")
            }
            Deals::List(on) => {
                let store = on.open(protocols).await?;
                let event = super::event_ids(&store).await?;
                let listing =
                    |Deal { id, object, partner }| Listing { id, event: event(object), partner };
                let rows: Vec<_> =
                    Tables::of(&store).deals().await?.into_iter().map(listing).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}
