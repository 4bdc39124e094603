//! `wsa admin ticketscloud system`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::SystemId;
use crate::protocols::ticketscloud::model::System;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud system`
#[derive(Debug, Subcommand)]
pub(crate) enum Systems {
    /// Add a payment system.
    Add(Add),
    /// List the payment systems.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its id, as orders show it; otherwise one is made.
    #[arg(long)]
    id: Option<SystemId>,
    /// Its code, as requests name it, such as api/BASE.
    #[arg(long, value_parser = super::promocodes::code)]
    code: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: SystemId,
    code: String,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["system", "code"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.code.clone()]
    }
}

impl From<System> for Listing {
    fn from(System { id, code }: System) -> Listing {
        Listing { id, code }
    }
}

impl Systems {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Systems::Add(Add { id, code, on }) => {
                let new = System { id: id.unwrap_or_else(SystemId::random), code };
                let added = Tables::of(&on.open(protocols).await?).add_system(&new).await?;
                let what = format!("payment system {} ({})", new.id, new.code);
                super::message(added, &what, &Listing::from(new), &on)
            }
            Systems::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).systems().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}
