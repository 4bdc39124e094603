//! Orders to pay, and a caller who may.

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::money::Money;
use crate::domain::task::{
    AggregatorId, CurrencyGuid, NewTask, ObjectId, OrderGuid, OrderKey, RequestDigest, TaskGuid,
    TaskKey,
};
use crate::domain::time_zone::TimeZone;
use crate::domain::token::{self, TokenHash};
use crate::engine::store::Store;
use crate::engine::store::reference::Aggregator;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::model::{
    AgentVersion, CurrencyKind, Order, OrderStatus, Permits, TillSide,
};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::objects::{Currency, Object};

/// How many orders go into the store in one transaction.
const AT_ONCE: usize = 2000;

/// An order that a bench pays in full.
#[derive(Debug, Clone, Copy)]
pub struct Payable {
    /// Which order.
    pub key: OrderKey,
    /// What it costs.
    pub total: Money,
}

/// What a bench made for itself in a store; it stays there, under names of its own.
#[derive(Debug)]
pub struct Ground {
    /// The caller.
    pub aggregator: Aggregator,
    /// The caller's token.
    pub token: String,
    /// A v2 restaurant.
    pub object: ObjectId,
    /// Its currency.
    pub currency: CurrencyGuid,
}

/// Makes an aggregator and a v2 object with random names.
pub async fn prepare(store: &Store) -> anyhow::Result<Ground> {
    // Above any number of the licensing system, and random: benches do not meet.
    let object = ObjectId(9_000_000_000_000_000 + rand::random_range(0..1_000_000_000_000));
    let currency = CurrencyGuid(Uuid::now_v7());
    let token = token::generate();
    let restaurant = Object {
        id: object,
        name: format!("bench {object}"),
        agent_version: AgentVersion::V2,
        agent_guid: Uuid::now_v7(),
        timeout_s: None,
        permits: Permits::default(),
        time_zone: TimeZone::default(),
    };
    Tables::of(store).add_object(&restaurant).await?;
    let cash = Currency { object, guid: currency, name: "bench".into(), kind: CurrencyKind::Cash };
    Tables::of(store).add_currency(&cash).await?;
    let name = format!("bench-{object}");
    let aggregator = store
        .add_aggregator(&name, TokenHash::of(&token))
        .await?
        .with_context(|| format!("the aggregator {name} is there already"))?;
    store.add_licences(aggregator.id, &[object]).await?;
    Ok(Ground { aggregator, token, object, currency })
}

/// Opens `count` orders at the object.
pub async fn open(store: &Store, object: ObjectId, count: usize) -> anyhow::Result<Vec<Payable>> {
    let mut payable = Vec::with_capacity(count);
    while payable.len() < count {
        let from = payable.len();
        let orders: Vec<_> =
            (from..count.min(from + AT_ONCE)).map(|number| order(object, number)).collect();
        payable.extend(orders.iter().map(|(key, order)| Payable { key: *key, total: order.total }));
        Tables::of(store).load_orders(orders).await?;
    }
    Ok(payable)
}

fn order(object: ObjectId, number: usize) -> (OrderKey, Order) {
    let kopecks = 10_000 + (number as i64 * 7_919) % 490_000;
    let order = Order {
        status: OrderStatus::Created,
        total: Money::from_kopecks(kopecks).unwrap_or(Money::KOPECK),
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide::default(),
        created_at: Timestamp::now(),
        closed_at: None,
        content: Some(OrderContent::default()),
        version: 0,
    };
    (OrderKey { object, guid: OrderGuid::new() }, order)
}

/// Reads the lines that `wsa orders load` prints: `objectId<TAB>orderGuid<TAB>total`.
pub fn read_tsv(path: &Path) -> anyhow::Result<Vec<Payable>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the file {} cannot be read", path.display()))?;
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            read_line(line).with_context(|| format!("{}, line {}", path.display(), index + 1))
        })
        .collect()
}

fn read_line(line: &str) -> anyhow::Result<Payable> {
    let mut fields = line.split('\t');
    let (Some(object), Some(guid), Some(total), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        anyhow::bail!("it must be objectId, orderGuid and total with a tab between them");
    };
    let guid = guid.parse().map_err(anyhow::Error::msg)?;
    let object = object.parse().map_err(anyhow::Error::msg)?;
    let total =
        Money::parse_positive(total).with_context(|| format!("{total:?} is not an amount"))?;
    Ok(Payable { key: OrderKey { object, guid }, total })
}

/// The body of a request to pay an order in full.
pub fn pay_request(order: &Payable, currency: CurrencyGuid, sync: bool) -> String {
    let Payable { key, total } = order;
    let mode = if sync { "sync" } else { "async" };
    format!(
        r#"{{"taskType":"PayOrder","params":{{"{mode}":{{"objectId":{}}},"orderGuid":"{}","payments":[{{"amount":{total},"currency":"{currency}"}}]}}}}"#,
        key.object, key.guid
    )
}

/// A task to pay an order in full, of which nobody waits for the answer.
pub fn payment(order: &Payable, aggregator: AggregatorId, currency: CurrencyGuid) -> NewTask {
    let key = TaskKey { object: order.key.object, guid: TaskGuid::new() };
    let request = pay_request(order, currency, false);
    NewTask::by_licence((key, false), aggregator, "PayOrder", request, RequestDigest::of([]))
}
