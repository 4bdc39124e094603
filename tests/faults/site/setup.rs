//! Sets up the restaurants, their currencies and an aggregator for each way of asking.

use jiff::Timestamp;
use wsa::callback::signature::{Secret, SignatureForm};
use wsa::database::StoreError;
use wsa::domain::money::Money;
use wsa::domain::outbox::{EventTypes, SubscriptionKind};
use wsa::domain::task::{CurrencyGuid, ObjectId, OrderGuid, OrderKey};
use wsa::domain::time_zone::TimeZone;
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;
use wsa::engine::store::callbacks::NewCallback;
use wsa::protocols::whiteserver::command::OrderContent;
use wsa::protocols::whiteserver::model::{
    AgentVersion, CurrencyKind, Order, OrderStatus, Permits, TillSide,
};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::{Currency, Object};

use crate::errand::OBJECT as ERRANDS;
use crate::scenario::{Scenario, V1, V2, Way};
use crate::support::ask::amount;
use crate::support::kiosk::USER;
use crate::support::reference::{AGENT, CARD, CASH, DISCOUNT, ONLINE};
use crate::till::{self, OBJECT as TILL};

const CURRENCIES: [(uuid::Uuid, CurrencyKind); 4] = [
    (CASH, CurrencyKind::Cash),
    (CARD, CurrencyKind::Card),
    (ONLINE, CurrencyKind::Online),
    (DISCOUNT, CurrencyKind::FullDiscount),
];

pub(super) async fn set_up(store: &Store, callback: &str) {
    let objects = V1.map(|id| (id, AgentVersion::V1)).into_iter();
    for (id, version) in objects.chain(V2.map(|id| (id, AgentVersion::V2))) {
        restaurant(store, id, version).await;
    }
    let objects: Vec<ObjectId> = V1.into_iter().chain(V2).chain([ERRANDS]).collect();
    restaurant(store, ERRANDS, AgentVersion::V2).await;
    restaurant(store, TILL, AgentVersion::V1).await;
    let token = TokenHash::of(till::TOKEN);
    Tables::of(store).give_till_token(TILL, token, None).await.unwrap();
    for way in Way::ALL {
        let added = store.add_aggregator(way.name(), TokenHash::of(&way.token())).await;
        let aggregator = added.unwrap().unwrap().id;
        store.add_licences(aggregator, &objects).await.unwrap();
        // Notifications only for those who read them.
        store.set_subscription(aggregator, SubscriptionKind::EventQueue, false).await.unwrap();
        if way != Way::Listen {
            store.set_subscription(aggregator, SubscriptionKind::TaskQueue, false).await.unwrap();
        }
        if way == Way::Upstream {
            assert!(store.set_amqp_user(aggregator, Some(USER)).await.unwrap());
        }
        if way == Way::Callback {
            let secret = Secret::generate();
            let (url, secret) = (callback, &secret);
            let signature = SignatureForm::Base64;
            let new = NewCallback {
                aggregator,
                url,
                answers: true,
                events: EventTypes::NONE,
                secret,
                signature,
            };
            store.add_callback(&new).await.unwrap().unwrap();
        }
    }
}

async fn restaurant(store: &Store, id: ObjectId, agent_version: AgentVersion) {
    let permits = Permits {
        cancel_paid: true,
        prepay_currency: Some(CurrencyGuid(CASH)),
        ..Permits::default()
    };
    let name = format!("Restaurant {id}");
    let time_zone = TimeZone::default();
    let object =
        Object { id, name, agent_version, agent_guid: AGENT, timeout_s: None, permits, time_zone };
    assert!(Tables::of(store).add_object(&object).await.unwrap());
    for (guid, kind) in CURRENCIES {
        let (guid, name) = (CurrencyGuid(guid), kind.to_string());
        assert!(
            Tables::of(store)
                .add_currency(&Currency { object: id, guid, name, kind })
                .await
                .unwrap()
        );
    }
}

/// Opens the orders of these scenarios and returns their guids. After an error there may be orders whose guid
/// nobody knows, and which nobody pays.
pub async fn open_orders(
    store: &Store,
    scenarios: &[Scenario],
) -> Result<Vec<OrderGuid>, StoreError> {
    let order = |scenario: &Scenario| {
        let guid = OrderGuid::new();
        let order = Order {
            status: OrderStatus::Created,
            total: Money::parse(&amount(scenario.total)).unwrap(),
            paid: Money::ZERO,
            bill_printed: false,
            till: TillSide::default(),
            created_at: Timestamp::now(),
            closed_at: None,
            content: Some(OrderContent::default()),
            version: 0,
        };
        (OrderKey { object: scenario.object, guid }, order)
    };
    let orders: Vec<(OrderKey, Order)> = scenarios.iter().map(order).collect();
    let guids = orders.iter().map(|(key, _)| key.guid).collect();
    Tables::of(store).load_orders(orders).await?;
    Ok(guids)
}
