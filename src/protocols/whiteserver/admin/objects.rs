//! `wsa admin object`

use anyhow::bail;
use clap::ArgAction::Set as SetTo;
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::object_listing::{Listing, show};
use crate::domain::task::{CurrencyGuid, ObjectId};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::model::{AgentVersion, Permits};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::objects::{Object, ObjectChange};
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output;
use crate::terminal::values;

/// For how many seconds an order waits for its acceptance when nobody says.
const ACCEPT_WITHIN_S: i64 = 180;

/// `wsa admin object`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Objects {
    /// Add a restaurant.
    Add(Add),
    /// Change a restaurant: the fields that are given, and no others.
    Set(Set),
    /// List the restaurants.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Add {
    /// Its number in the licensing system (objectId).
    #[arg(long, value_name = "ID")]
    id: ObjectId,
    /// A name for people.
    #[arg(long, value_parser = values::name)]
    name: String,
    /// How its agent takes payments: v1 prepays any part, v2 pays exactly what is due.
    #[arg(long, value_name = "v1|v2")]
    agent_version: AgentVersion,
    /// Its agent, as answers name it; a new guid when not given.
    #[arg(long, value_name = "GUID", value_parser = values::guid)]
    agent_guid: Option<Uuid>,
    /// The deadline of tasks that name none, in seconds; the service's own when not given.
    #[arg(long, value_name = "N", value_parser = values::timeout_s)]
    timeout_s: Option<i64>,
    /// GetOrderList may show closed orders.
    #[arg(long, value_name = "on|off", value_parser = values::on_off, default_value = "off", action = SetTo)]
    closed_orders: bool,
    /// GetOrderList may show the orders of all tables.
    #[arg(long, value_name = "on|off", value_parser = values::on_off, default_value = "off", action = SetTo)]
    all_tables: bool,
    /// CancelOrder may cancel an order that is paid or whose bill is printed.
    #[arg(long, value_name = "on|off", value_parser = values::on_off, default_value = "off", action = SetTo)]
    cancel_paid: bool,
    /// What AddPrepayOrder pays with when it names no currency.
    #[arg(long, value_name = "GUID")]
    prepay_currency: Option<CurrencyGuid>,
    /// An order of an aggregator waits until the restaurant's till accepts it.
    #[arg(long, value_name = "on|off", value_parser = values::on_off, default_value = "off", action = SetTo)]
    acceptance: bool,
    /// For how many seconds.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(i64).range(1..=86_400), default_value_t = ACCEPT_WITHIN_S)]
    acceptance_timeout: i64,
    /// Where its clocks are, as an IANA name like Europe/Moscow.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: TimeZone,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
#[group(id = "change", multiple = true, required = true, args = [
    "name", "agent_version", "agent_guid", "timeout_s", "no_timeout", "closed_orders", "all_tables",
    "cancel_paid", "prepay_currency", "no_prepay_currency", "acceptance", "time_zone",
])]
pub(in crate::protocols::whiteserver) struct Set {
    /// Which one (objectId).
    #[arg(long, value_name = "ID")]
    id: ObjectId,
    /// A name for people.
    #[arg(long, value_parser = values::name)]
    name: Option<String>,
    /// How its agent takes payments: v1 prepays any part, v2 pays exactly what is due.
    #[arg(long, value_name = "v1|v2")]
    agent_version: Option<AgentVersion>,
    /// Its agent, as answers name it.
    #[arg(long, value_name = "GUID", value_parser = values::guid)]
    agent_guid: Option<Uuid>,
    /// The deadline of tasks that name none, in seconds.
    #[arg(long, value_name = "N", value_parser = values::timeout_s)]
    timeout_s: Option<i64>,
    /// Take its own deadline away: the service's counts again.
    #[arg(long, conflicts_with = "timeout_s")]
    no_timeout: bool,
    /// GetOrderList may show closed orders.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    closed_orders: Option<bool>,
    /// GetOrderList may show the orders of all tables.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    all_tables: Option<bool>,
    /// CancelOrder may cancel an order that is paid or whose bill is printed.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    cancel_paid: Option<bool>,
    /// What AddPrepayOrder pays with when it names no currency; one of the object's.
    #[arg(long, value_name = "GUID")]
    prepay_currency: Option<CurrencyGuid>,
    /// From now on AddPrepayOrder must name its currency.
    #[arg(long, conflicts_with = "prepay_currency")]
    no_prepay_currency: bool,
    /// An order of an aggregator waits until the restaurant's till accepts it.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    acceptance: Option<bool>,
    /// For how many seconds; 180 when not given.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(i64).range(1..=86_400), requires = "acceptance")]
    acceptance_timeout: Option<i64>,
    /// Where its clocks are, as an IANA name like Europe/Moscow; also of the orders that it has already.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<TimeZone>,
    #[command(flatten)]
    on: StoreFlags,
}

impl Objects {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Objects::Add(add) => add.run(protocols).await,
            Objects::Set(set) => set.run(protocols).await,
            Objects::List(on) => {
                let objects = Tables::of(&on.open(protocols).await?).objects().await?;
                let rows: Vec<Listing> = objects.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        let object = Object {
            id: self.id,
            name: self.name,
            agent_version: self.agent_version,
            agent_guid: self.agent_guid.unwrap_or_else(Uuid::now_v7),
            timeout_s: self.timeout_s,
            permits: Permits {
                closed_orders: self.closed_orders,
                all_tables: self.all_tables,
                cancel_paid: self.cancel_paid,
                prepay_currency: self.prepay_currency,
                accept_within_s: self.acceptance.then_some(self.acceptance_timeout),
            },
            time_zone: self.time_zone,
        };
        if !Tables::of(&store).add_object(&object).await? {
            bail!(
                "there is an object {} already and it was left as it is: `wsa admin object set` \
                 changes it",
                object.id
            );
        }
        show(object, "added", self.on.json)
    }
}

impl Set {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        if let Some(guid) = self.prepay_currency {
            let currencies = Tables::of(&store).currencies().await?;
            if !currencies.iter().any(|known| known.object == self.id && known.guid == guid) {
                bail!(
                    "object {} has no currency {guid}: `wsa admin currency list` shows what it has",
                    self.id
                );
            }
        }
        let change = ObjectChange {
            name: self.name,
            agent_version: self.agent_version,
            agent_guid: self.agent_guid,
            timeout_s: match self.no_timeout {
                true => Some(None),
                false => self.timeout_s.map(Some),
            },
            closed_orders: self.closed_orders,
            all_tables: self.all_tables,
            cancel_paid: self.cancel_paid,
            prepay_currency: match self.no_prepay_currency {
                true => Some(None),
                false => self.prepay_currency.map(Some),
            },
            accept_within_s: self
                .acceptance
                .map(|on| on.then(|| self.acceptance_timeout.unwrap_or(ACCEPT_WITHIN_S))),
            time_zone: self.time_zone,
        };
        let changed = Tables::of(&store).change_object(self.id, &change).await?;
        // Also when there was none: this is what says so.
        store::check_objects(&store, &[self.id]).await?;
        let objects = Tables::of(&store).objects().await?;
        for object in objects.into_iter().filter(|object| object.id == self.id) {
            debug_assert!(changed, "an object that is listed can be changed");
            show(object, "changed", self.on.json)?;
        }
        Ok(())
    }
}
