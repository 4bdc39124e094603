//! `wsa admin ticketscloud set`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::{EventId, SetId};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud set`
#[derive(Debug, Subcommand)]
pub(crate) enum Sets {
    /// Add a set, which has no tickets and no price yet.
    Add(Add),
    /// List the sets, and how many of their tickets are free.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// Its id; otherwise one is made.
    #[arg(long)]
    id: Option<SetId>,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    event: String,
    id: SetId,
    name: String,
    tickets: i64,
    free: i64,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["event", "set", "name", "tickets", "free"];

    fn cells(&self) -> Vec<String> {
        let (tickets, free) = (self.tickets.to_string(), self.free.to_string());
        vec![self.event.clone(), self.id.to_string(), self.name.clone(), tickets, free]
    }
}

impl Sets {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Sets::Add(Add { event, id, name, on }) => {
                let store = on.open(protocols).await?;
                let object = super::event(&store, event).await?.object;
                let id = id.unwrap_or_else(SetId::random);
                let added = Tables::of(&store).add_set(object, id, &name).await?;
                let row = Listing { event: event.to_string(), id, name, tickets: 0, free: 0 };
                super::message(added, &format!("set {id} of event {event}"), &row, &on)
            }
            Sets::List(on) => {
                let store = on.open(protocols).await?;
                let event = super::event_ids(&store).await?;
                let sets = Tables::of(&store).sets().await?.into_iter().map(|set| Listing {
                    event: event(set.object),
                    id: set.id,
                    name: set.name,
                    tickets: set.tickets,
                    free: set.free,
                });
                Ok(output::list(&sets.collect::<Vec<_>>(), on.json)?)
            }
        }
    }
}
