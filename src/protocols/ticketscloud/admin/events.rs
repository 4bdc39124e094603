//! `wsa admin ticketscloud event`

use std::io::Read;
use std::path::PathBuf;

use crate::protocols::ticketscloud::document::{self, LARGEST};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::sql::loading::Loaded;
use crate::surface::ProtocolList;
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::{EventId, PartnerId};
use crate::protocols::ticketscloud::sql::reference::StoredEvent;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values::on_off;

/// `wsa admin ticketscloud event`
#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// Add an event, which is on sale.
    Add(Add),
    /// Make an event of a document, or have it as the document says; docs/ticketscloud.md describes it.
    Load(Load),
    /// Stop the sale of an event, or let it go on.
    Set(Set),
    /// List the events.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its id; otherwise one is made.
    #[arg(long)]
    id: Option<EventId>,
    /// The partner that owns it.
    #[arg(long, value_name = "ID")]
    org: PartnerId,
    /// A name for people.
    #[arg(long, value_parser = super::name)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// A JSON document, or `-` to read it from standard input.
    file: PathBuf,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The event.
    #[arg(long)]
    id: EventId,
    /// Whether tickets can be reserved; orders that are there go on either way.
    #[arg(long, value_name = "on|off", value_parser = on_off, action = clap::ArgAction::Set)]
    on_sale: bool,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: EventId,
    object: i64,
    org: PartnerId,
    name: String,
    on_sale: bool,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["event", "object", "org", "name", "on sale"];

    fn cells(&self) -> Vec<String> {
        let sale = if self.on_sale { "on" } else { "off" };
        let (id, org) = (self.id.to_string(), self.org.to_string());
        vec![id, self.object.to_string(), org, self.name.clone(), sale.into()]
    }
}

impl From<StoredEvent> for Listing {
    fn from(of: StoredEvent) -> Listing {
        let StoredEvent { object, id, org, name, on_sale } = of;
        Listing { id, object: object.0, org, name, on_sale }
    }
}

impl Events {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Events::Add(add) => add.run(protocols).await,
            Events::Load(load) => load.run(protocols).await,
            Events::Set(Set { id, on_sale, on }) => {
                let store = on.open(protocols).await?;
                if !Tables::of(&store).set_sale(id, on_sale).await? {
                    // Says what there is.
                    super::event(&store, id).await?;
                }
                let sale = if on_sale { "on sale" } else { "not on sale" };
                Ok(output::line(format_args!("event {id} is {sale}"))?)
            }
            Events::List(on) => {
                let rows = Tables::of(&on.open(protocols).await?).events().await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Load {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let name = match self.file.as_os_str() == "-" {
            true => "standard input".into(),
            false => self.file.display().to_string(),
        };
        let (mut bytes, most) = (Vec::new(), LARGEST as u64 + 1);
        match name.as_str() {
            "standard input" => std::io::stdin().take(most).read_to_end(&mut bytes),
            _ => std::fs::File::open(&self.file)
                .and_then(|file| file.take(most).read_to_end(&mut bytes)),
        }
        .with_context(|| format!("{name} cannot be read"))?;
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("{name} is not UTF-8"))?;
        let document = document::read(&text).map_err(|mistakes| wrong(&name, &mistakes))?;
        let store = self.on.open(protocols).await?;
        match Tables::of(&store).load_event(&document).await? {
            Loaded::Wrong(mistakes) => Err(wrong(&name, &mistakes)),
            Loaded::Done(object, added) if self.on.json => {
                let event = document.id;
                let row =
                    serde_json::json!({"event": event, "object": object, "addedTickets": added});
                Ok(output::json_line(&row)?)
            }
            Loaded::Done(object, added) => Ok(output::line(format_args!(
                "event {}, object {object}, is as {name} says; {added} tickets are new",
                document.id
            ))?),
        }
    }
}

fn wrong(name: &str, mistakes: &[String]) -> anyhow::Error {
    let told = mistakes.iter().map(|mistake| format!("\n  {}", output::printable(mistake)));
    anyhow!("{name} is no event, and nothing was loaded:{}", told.collect::<String>())
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { id, org, name, on } = self;
        let store = on.open(protocols).await?;
        super::partner(&store, org).await?;
        let id = id.unwrap_or_else(EventId::random);
        let Some(object) = Tables::of(&store).add_event(id, org, &name).await? else {
            bail!(
                "there is an event {id} already and it was left as it is: `wsa admin ticketscloud event set --id {id}` \
                 changes it"
            );
        };
        let new = StoredEvent { object, id, org, name, on_sale: true };
        super::message(true, &format!("event {id}, object {object}"), &Listing::from(new), &on)
    }
}
