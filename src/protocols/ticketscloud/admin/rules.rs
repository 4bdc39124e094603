//! `wsa admin ticketscloud rule`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::money::Money;
use crate::protocols::ticketscloud::hex_id::{EventId, RuleId, SetId};
use crate::protocols::ticketscloud::model::Rule;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// `wsa admin ticketscloud rule`
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Add a rule; of those that count at a moment, the one that began last does.
    Add(Add),
    /// List the rules.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// The set.
    #[arg(long, value_name = "ID")]
    set: SetId,
    /// Its id; otherwise one is made.
    #[arg(long)]
    id: Option<RuleId>,
    /// What a ticket costs.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse)]
    price: Money,
    /// The fee beside it.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse, default_value = "0")]
    extra: Money,
    #[command(flatten)]
    when: super::When,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    event: String,
    set: SetId,
    id: RuleId,
    price: Money,
    extra: Money,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] =
        &["event", "set", "rule", "price", "extra", "starts at", "ends at"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.event.clone(),
            self.set.to_string(),
            self.id.to_string(),
            self.price.to_string(),
            self.extra.to_string(),
            super::moment(self.starts_at),
            super::moment(self.ends_at),
        ]
    }
}

fn listing(event: String, set: SetId, rule: &Rule) -> Listing {
    let Rule { id, price, extra, period } = *rule;
    Listing { event, set, id, price, extra, starts_at: period.starts_at, ends_at: period.ends_at }
}

impl Rules {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Rules::Add(Add { event, set, id, price, extra, when, on }) => {
                let period = when.period()?;
                let store = on.open(protocols).await?;
                let object = super::set(&store, event, set).await?;
                let new = Rule { id: id.unwrap_or_else(RuleId::random), price, extra, period };
                let added = Tables::of(&store).add_rule(object, set, &new).await?;
                let what = format!("rule {} of set {set}", new.id);
                super::message(added, &what, &listing(event.to_string(), set, &new), &on)
            }
            Rules::List(on) => {
                let store = on.open(protocols).await?;
                let event = super::event_ids(&store).await?;
                let rules = Tables::of(&store).rules().await?;
                let rules =
                    rules.iter().map(|(object, set, rule)| listing(event(*object), *set, rule));
                Ok(output::list(&rules.collect::<Vec<_>>(), on.json)?)
            }
        }
    }
}
