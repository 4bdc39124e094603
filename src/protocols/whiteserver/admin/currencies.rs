//! `wsa admin currency`

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::task::{CurrencyGuid, ObjectId};
use crate::protocols::whiteserver::model::CurrencyKind;
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::objects::Currency;
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

/// `wsa admin currency`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Currencies {
    /// Add a currency to a restaurant; prints its guid.
    Add(Add),
    /// List the currencies.
    List(List),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Add {
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// A name for people.
    #[arg(long, value_parser = values::name)]
    name: String,
    /// What kind of payment it is.
    #[arg(long, value_name = "cash|card|online|full_discount")]
    kind: CurrencyKind,
    /// Its guid, which payments name; a new one when not given.
    #[arg(long)]
    guid: Option<CurrencyGuid>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct List {
    /// Only of this restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: Option<ObjectId>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    object_id: ObjectId,
    currency: CurrencyGuid,
    name: String,
    kind: &'static str,
}

impl From<Currency> for Listing {
    fn from(currency: Currency) -> Listing {
        Listing {
            object_id: currency.object,
            currency: currency.guid,
            name: currency.name,
            kind: currency.kind.as_str(),
        }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["object", "currency", "name", "kind"];

    fn cells(&self) -> Vec<String> {
        let (object, currency) = (self.object_id.to_string(), self.currency.to_string());
        vec![object, currency, self.name.clone(), self.kind.into()]
    }
}

impl Currencies {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Currencies::Add(add) => add.run(protocols).await,
            Currencies::List(list) => list.run(protocols).await,
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        store::check_objects(&store, &[self.object]).await?;
        let guid = self.guid.unwrap_or_else(|| CurrencyGuid(Uuid::now_v7()));
        let currency = Currency { object: self.object, guid, name: self.name, kind: self.kind };
        if !Tables::of(&store).add_currency(&currency).await? {
            bail!(
                "object {} has a currency {guid} already and it was left as it is: \
                 `wsa admin currency list` shows it",
                currency.object
            );
        }
        match self.on.json {
            true => output::json_line(&Listing::from(currency))?,
            false => output::line(guid)?,
        }
        Ok(())
    }
}

impl List {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        if let Some(object) = self.object {
            store::check_objects(&store, &[object]).await?;
        }
        let of_object = |c: &Currency| self.object.is_none_or(|object| c.object == object);
        let currencies = Tables::of(&store).currencies().await?.into_iter().filter(of_object);
        Ok(output::list(&currencies.map(Listing::from).collect::<Vec<_>>(), self.on.json)?)
    }
}
