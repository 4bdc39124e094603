//! `wsa admin ticketscloud promocode`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::money::Money;
use crate::protocols::ticketscloud::hex_id::{EventId, PromocodeId, SetId};
use crate::protocols::ticketscloud::model::{Discount, Percent, Promocode};
use crate::protocols::ticketscloud::wire::request::LONGEST_CODE;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud promocode`
#[derive(Debug, Subcommand)]
pub(crate) enum Promocodes {
    /// Add a promo code: a percentage or an amount off the price of each ticket.
    Add(Box<Add>),
    /// Remove a promo code that no order ever had.
    Remove(Remove),
    /// List the promo codes, and how many orders have them.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// Its id, as orders show it; otherwise one is made.
    #[arg(long)]
    id: Option<PromocodeId>,
    /// What a customer types.
    #[arg(long, value_parser = code)]
    code: String,
    /// So many percent off, with up to two decimals.
    #[arg(
        long,
        value_name = "PERCENT",
        conflicts_with = "amount",
        required_unless_present = "amount"
    )]
    percent: Option<Percent>,
    /// This amount off, or the whole price when that is less.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse_positive)]
    amount: Option<Money>,
    /// Only off tickets of this set.
    #[arg(long, value_name = "ID")]
    set: Option<SetId>,
    /// In how many orders it may be; otherwise in any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    uses: Option<i64>,
    #[command(flatten)]
    when: super::When,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// What a customer types.
    #[arg(long)]
    code: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    event: String,
    id: PromocodeId,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    set: Option<SetId>,
    uses: Option<i64>,
    used: i64,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] =
        &["event", "promo code", "code", "off", "set", "uses", "used", "starts at", "ends at"];

    fn cells(&self) -> Vec<String> {
        let percent = self.percent.as_ref().map(|percent| format!("{percent} %"));
        let off = percent.or(self.amount.map(|amount| amount.to_string()));
        vec![
            self.event.clone(),
            self.id.to_string(),
            self.code.clone(),
            off.unwrap_or_default(),
            self.set.map(|set| set.to_string()).unwrap_or_default(),
            self.uses.map(|uses| uses.to_string()).unwrap_or_default(),
            self.used.to_string(),
            super::moment(self.starts_at),
            super::moment(self.ends_at),
        ]
    }
}

fn listing(event: String, of: Promocode) -> Listing {
    let (percent, amount) = match of.discount {
        Discount::Percent(percent) => (Some(percent.to_string()), None),
        Discount::Fixed(amount) => (None, Some(amount)),
    };
    let Promocode { id, code, set, uses, used, period, .. } = of;
    let (starts_at, ends_at) = (period.starts_at, period.ends_at);
    Listing { event, id, code, percent, amount, set, uses, used, starts_at, ends_at }
}

/// What a promo code or the code of a payment system may be.
pub(super) fn code(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    match (1..=LONGEST_CODE).contains(&length)
        && !text.contains(|c: char| c.is_control() || c == ' ')
    {
        true => Ok(text.to_owned()),
        false => Err(format!("it must have 1 to {LONGEST_CODE} characters and no spaces")),
    }
}

impl Promocodes {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Promocodes::Add(add) => add.run(protocols).await,
            Promocodes::Remove(Remove { event, code, on }) => {
                let store = on.open(protocols).await?;
                let object = super::event(&store, event).await?.object;
                let removed = Tables::of(&store).remove_promocode(object, &code).await?;
                let why_not = "the event has none of this code, or an order has it or had it";
                super::removed(removed, &format!("promo code {code} of event {event}"), why_not)
            }
            Promocodes::List(on) => {
                let store = on.open(protocols).await?;
                let event = super::event_ids(&store).await?;
                let codes = Tables::of(&store).promocodes().await?.into_iter();
                let rows: Vec<_> =
                    codes.map(|(object, code)| listing(event(object), code)).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { event, id, code, percent, amount, set, uses, when, on } = self;
        let period = when.period()?;
        let percent = percent.map(Discount::Percent).or(amount.map(Discount::Fixed));
        let Some(discount) = percent else {
            anyhow::bail!("what the code takes off is missing: --percent 10, or --amount 100.00")
        };
        let store = on.open(protocols).await?;
        let object = match set {
            Some(set) => super::set(&store, event, set).await?,
            None => super::event(&store, event).await?.object,
        };
        let id = id.unwrap_or_else(PromocodeId::random);
        let new = Promocode { id, code, discount, set, uses, used: 0, period };
        let added = Tables::of(&store).add_promocode(object, &new).await?;
        let what = format!("promo code {} of event {event}", new.code);
        super::message(added, &what, &listing(event.to_string(), new), &on)
    }
}
