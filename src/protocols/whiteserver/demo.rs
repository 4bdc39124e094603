//! The demo of White Server: a restaurant of each agent version, with orders to pay.

use jiff::{SignedDuration, Timestamp};
use uuid::{Uuid, uuid};

use super::catalogue::{self, Section};
use super::contract::examples;
use super::contract::reads::CATALOGUE;
use super::http::{CREATE, LISTEN_QUEUE};
use crate::domain::money::Money;
use crate::domain::task::{AggregatorId, CurrencyGuid, ObjectId, OrderGuid, OrderKey};
use crate::domain::time_zone::TimeZone;
use crate::domain::token::TokenHash;
use crate::engine::store::Store;
use crate::engine::store::journal::Act;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::model::{
    AgentVersion, CurrencyKind, Order, OrderStatus, Permits, TillSide,
};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::catalogues::Loading;
use crate::protocols::whiteserver::sql::objects::{Currency, Object};
use crate::surface::{Demo, Instructions, conduct};

/// The demo aggregator and its token: well known, so only for trying.
const NAME: &str = "demo";
const TOKEN: &str = "demo";
const ORDERS: usize = 20;

const OBJECTS: [(ObjectId, AgentVersion); 2] =
    [(examples::V1, AgentVersion::V1), (examples::V2, AgentVersion::V2)];
/// A restaurant that is paused: each of its tasks is accepted, waits, and is answered `Timeout` at its deadline.
const SILENT: ObjectId = ObjectId(199_990_247);
/// How long its tasks have when they do not say it, in seconds.
const SILENT_S: i64 = 10;

/// How long an order of the demo waits for its restaurant: ten years.
const WAITS: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// Orders that a payment is refused for, there in each restaurant of [`OBJECTS`].
const REFUSED: [(OrderGuid, OrderStatus); 2] = [
    (OrderGuid(uuid!("01a201f0-bfcf-74b6-b2fe-000000000002")), OrderStatus::Canceled),
    (OrderGuid(uuid!("01a201f0-bfcf-74b6-b2fe-000000000003")), OrderStatus::Confirmed),
];

const CASH: Uuid = examples::CASH;
const ONLINE: Uuid = uuid!("00000000-0000-4000-8000-000000000412");
const CURRENCIES: [(Uuid, &str, CurrencyKind); 4] = [
    (CASH, "Cash", CurrencyKind::Cash),
    (uuid!("00000000-0000-4000-8000-00000000ca4d"), "Card", CurrencyKind::Card),
    (ONLINE, "Online", CurrencyKind::Online),
    (uuid!("00000000-0000-4000-8000-000000000100"), "100% discount", CurrencyKind::FullDiscount),
];

/// Seeds once: a second call finds the aggregator and leaves everything as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    let demo = store.aggregators().await?.into_iter().find(|aggregator| aggregator.name == NAME);
    if let Some(demo) = demo {
        // Again, should the first start have been interrupted between the two.
        return license(store, demo.id).await;
    }
    for (object, agent_version) in OBJECTS {
        open(store, object, format!("Demo restaurant {agent_version}"), agent_version, None)
            .await?;
        let orders =
            (1..=ORDERS).map(|number| demo_order(object, number)).collect::<Result<_, _>>()?;
        Tables::of(store).load_orders(orders).await?;
        let refused = REFUSED.into_iter().map(|(guid, status)| refused_order(object, guid, status));
        Tables::of(store).load_orders(refused.collect::<Result<_, _>>()?).await?;
    }
    let name = "Demo restaurant that does not answer".to_owned();
    open(store, SILENT, name, AgentVersion::V2, Some(SILENT_S)).await?;
    Tables::of(store).load_orders(vec![demo_order(SILENT, 1)?]).await?;
    pause(store).await?;
    // Last: until it is there, a start that was interrupted seeds again.
    match store.add_aggregator(NAME, TokenHash::of(TOKEN)).await? {
        Some(demo) => license(store, demo.id).await,
        None => Ok(()),
    }
}

/// Licenses what there is: a demo of an earlier version has no restaurant that does not answer.
async fn license(store: &Store, demo: AggregatorId) -> anyhow::Result<()> {
    let wanted = [examples::V1, examples::V2, SILENT];
    let known = store.known_objects(&wanted).await?;
    let objects: Vec<ObjectId> = wanted.into_iter().filter(|id| known.contains(id)).collect();
    Ok(store.add_licences(demo, &objects).await?)
}

async fn open(
    store: &Store,
    object: ObjectId,
    name: String,
    agent_version: AgentVersion,
    timeout_s: Option<i64>,
) -> anyhow::Result<()> {
    let permits = Permits {
        closed_orders: true,
        all_tables: true,
        cancel_paid: true,
        prepay_currency: Some(CurrencyGuid(CASH)),
        accept_within_s: None,
    };
    let agent_guid = Uuid::now_v7();
    let time_zone = TimeZone::default();
    let restaurant =
        Object { id: object, name, agent_version, agent_guid, timeout_s, permits, time_zone };
    Tables::of(store).add_object(&restaurant).await?;
    for (guid, name, kind) in CURRENCIES {
        let currency = Currency { object, guid: CurrencyGuid(guid), name: name.into(), kind };
        Tables::of(store).add_currency(&currency).await?;
    }
    offer(store, object).await
}

/// Pauses the restaurant that does not answer, as an operator would.
async fn pause(store: &Store) -> anyhow::Result<()> {
    let (actor, _) = conduct::now();
    let act = Act {
        action: "object.pause".into(),
        subject_kind: "object".into(),
        subject: SILENT.to_string(),
        reason: Some("the demo: a restaurant that does not answer".into()),
        ..Act::default()
    };
    store.pause(SILENT, &actor, act).await?;
    Ok(())
}

/// Gives a restaurant its catalogue.
async fn offer(store: &Store, object: ObjectId) -> anyhow::Result<()> {
    let mut part = catalogue::read(CATALOGUE).map_err(|wrong| anyhow::anyhow!("{wrong}"))?;
    part.0.insert(Section::OnlineCurrency, Some(ONLINE.to_string().into()));
    match Tables::of(store).load_catalogue(object, &part).await? {
        Loading::Wrong(wrong) => anyhow::bail!("{wrong}"),
        Loading::Changed(..) | Loading::Unchanged(_) => Ok(()),
    }
}

fn demo_order(object: ObjectId, number: usize) -> anyhow::Result<(OrderKey, Order)> {
    let dishes = [(1, "Borscht", 34_050), (2, "Pelmeni", 41_000), (3, "Kvass", 10_885)];
    let products: Vec<_> = dishes
        .iter()
        .cycle()
        .skip(number)
        .take(1 + number % 3)
        .filter_map(|(id, name, kopecks)| Some((id, name, Money::from_kopecks(*kopecks)?)))
        .collect();
    let sum = products.iter().try_fold(Money::ZERO, |sum, (_, _, price)| sum.checked_add(*price));
    let total = sum.ok_or_else(|| anyhow::anyhow!("demo order {number} costs too much"))?;
    let content: OrderContent = serde_json::from_value(serde_json::json!({
        "products": [], "comment": "demo", "personsQuantity": 1 + number % 4,
    }))?;
    let products = products
        .into_iter()
        .map(|(id, name, price)| {
            let product =
                format!(r#"{{"id":"{id}","name":"{name}","price":{price},"quantity":1}}"#);
            serde_json::from_str(&product)
        })
        .collect::<Result<_, _>>()?;
    let order = Order {
        status: OrderStatus::Created,
        total,
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide::default(),
        created_at: Timestamp::now(),
        closed_at: None,
        content: Some(OrderContent { products, ..content }),
        version: 0,
    };
    // The first has the guid, and costs what, the examples of the contracts name.
    let guid = if number == 1 { examples::ORDER } else { OrderGuid::new() };
    Ok((OrderKey { object, guid }, order))
}

/// A payment that is answered in the request that submits it, on an order that is open now.
async fn first(demo: &Demo) -> anyhow::Result<Option<String>> {
    let open = Tables::of(&demo.store).open_orders(examples::V2, 1).await?.into_iter().next();
    Ok(open.map(|order| {
        let due = order.total.checked_sub(order.paid).unwrap_or(Money::ZERO);
        format!(
            "  curl -sw '\\n' -H 'AggregatorAuthentication: {TOKEN}' \\\n    \
             -H 'Content-Type: application/json' \\\n    {}{CREATE} \\\n    \
             -d '{{\"taskType\": \"PayOrder\", \"params\": {{\"sync\": {{\"objectId\": {}}},\n    \
             \"orderGuid\": \"{}\", \"payments\":\n    \
             [{{\"amount\": {due}, \"currency\": \"{CASH}\"}}]}}}}'\n",
            demo.url,
            examples::V2,
            order.guid
        )
    }))
}

/// An order of the demo that stands so that no payment is taken.
fn refused_order(
    object: ObjectId,
    guid: OrderGuid,
    status: OrderStatus,
) -> anyhow::Result<(OrderKey, Order)> {
    let (_, order) = demo_order(object, 1)?;
    let closed_at = (!status.is_open()).then_some(order.created_at);
    // So long that it waits whenever somebody tries it.
    let accept_by = order.created_at.checked_add(WAITS)?;
    let accept_by = (status == OrderStatus::Confirmed).then_some(accept_by);
    let till = TillSide { accept_by, ..TillSide::default() };
    Ok((OrderKey { object, guid }, Order { status, closed_at, till, ..order }))
}

/// What to type, on orders that are open now.
pub(super) async fn instructions(demo: &Demo) -> anyhow::Result<Instructions> {
    let url = format!("{}{CREATE}", demo.url);
    let mut text = String::new();
    for (object, version) in OBJECTS {
        let Some(order) = Tables::of(&demo.store).open_orders(object, 1).await?.into_iter().next()
        else {
            text.push_str(&format!("\nEvery demo order of object {object} ({version}) is paid.\n"));
            continue;
        };
        let rule = match version {
            AgentVersion::V1 => "prepays any part of what is due",
            AgentVersion::V2 => "pays exactly what is due and closes the order",
        };
        let due = order.total.checked_sub(order.paid).unwrap_or(Money::ZERO);
        text.push_str(&format!(
            "\n# Object {object} ({version}) {rule}.\n# Submit a payment of {due}:\n\
             GUID=$(curl -sw '\\n' -H 'AggregatorAuthentication: {TOKEN}' \\\n  \
             -H 'Content-Type: application/json' \\\n  {url} \\\n  \
             -d '{{\"taskType\": \"PayOrder\", \"params\": {{\"async\": {{\"objectId\": {object}}},\n  \
             \"orderGuid\": \"{}\", \"payments\":\n  \
             [{{\"amount\": {due}, \"currency\": \"{CASH}\"}}]}}}}' \\\n  \
             | tee /dev/stderr | grep -o '\"taskGuid\":\"[^\"]*' | cut -d'\"' -f4)\n\
             # Read its answer:\n\
             curl -sw '\\n' -H 'AggregatorAuthentication: {TOKEN}' \\\n  \
             -H 'Content-Type: application/json' \\\n  {url} \\\n  \
             -d '{{\"taskType\": \"GetTaskResponse\",\n       \
             \"params\": {{\"taskGuid\": \"'$GUID'\", \"wait\": 20}}}}'\n",
            order.guid
        ));
    }
    let last = format!(
        "\n# Hear of answers and of changes of orders, one a call:\n\
         curl -sw '\\n' -H 'AggregatorAuthentication: {TOKEN}' \\\n  \
         -H 'Content-Type: application/json' -d '{{\"queueType\": \"AllQueues\"}}' \\\n  \
         {}{LISTEN_QUEUE}\n",
        demo.url
    );
    Ok(Instructions { first: first(demo).await?, text, last })
}
