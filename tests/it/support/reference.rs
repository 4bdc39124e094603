//! Who calls and what is called in every test.

use uuid::{Uuid, uuid};
use wsa::domain::outbox::SubscriptionKind;
use wsa::domain::task::{AggregatorId, CurrencyGuid, ObjectId};
use wsa::domain::time_zone::TimeZone;
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;
use wsa::protocols::whiteserver::model::{AgentVersion, CurrencyKind, Permits};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::{Currency, Object};

/// A restaurant whose payments are prepayments, and which permits everything.
pub const V1: ObjectId = ObjectId(199_990_245);
/// A restaurant whose payments close the order, and which permits nothing beyond the ordinary.
pub const V2: ObjectId = ObjectId(199_990_246);
/// A v2 restaurant with a deadline of its own.
pub const HASTY: ObjectId = ObjectId(199_990_247);
/// The deadline of [`HASTY`], in seconds.
pub const HASTY_S: i64 = 33;
/// A restaurant that nobody has a licence for.
pub const UNLICENSED: ObjectId = ObjectId(199_990_248);
/// No restaurant.
pub const UNKNOWN: ObjectId = ObjectId(7);

pub const CASH: Uuid = uuid!("c0000000-0000-4000-8000-000000000001");
pub const CARD: Uuid = uuid!("c0000000-0000-4000-8000-000000000002");
pub const ONLINE: Uuid = uuid!("c0000000-0000-4000-8000-000000000003");
pub const DISCOUNT: Uuid = uuid!("c0000000-0000-4000-8000-000000000004");
/// Only [`V1`] accepts it.
pub const VOUCHER: Uuid = uuid!("c0000000-0000-4000-8000-000000000005");

/// The agent of every object.
pub const AGENT: Uuid = uuid!("a0000000-0000-4000-8000-000000000001");

/// The token of the aggregator that the tests are.
pub const TOKEN: &str = "the-token-of-main-5f1d";
/// The token of another one with the same licences.
pub const OTHER_TOKEN: &str = "the-token-of-other-77aa";

/// The two callers.
#[derive(Debug, Clone, Copy)]
pub struct Callers {
    pub main: AggregatorId,
    pub other: AggregatorId,
}

/// Puts all of it in.
pub async fn seed(store: &Store) -> Callers {
    // All of it at one, nothing at the others.
    let permits = Permits {
        closed_orders: true,
        all_tables: true,
        cancel_paid: true,
        prepay_currency: Some(CurrencyGuid(CASH)),
        accept_within_s: None,
    };
    let object = |id, agent_version, timeout_s| Object {
        id,
        name: format!("Restaurant {id}"),
        agent_version,
        agent_guid: AGENT,
        timeout_s,
        permits: if id == V1 { permits } else { Permits::default() },
        time_zone: TimeZone::default(),
    };
    let objects = [
        object(V1, AgentVersion::V1, None),
        object(V2, AgentVersion::V2, None),
        object(HASTY, AgentVersion::V2, Some(HASTY_S)),
        object(UNLICENSED, AgentVersion::V2, None),
    ];
    for object in &objects {
        assert!(Tables::of(store).add_object(object).await.unwrap());
    }

    let kinds = [
        (CASH, CurrencyKind::Cash),
        (CARD, CurrencyKind::Card),
        (ONLINE, CurrencyKind::Online),
        (DISCOUNT, CurrencyKind::FullDiscount),
    ];
    let currency = |object, (guid, kind): (Uuid, CurrencyKind)| Currency {
        object,
        guid: CurrencyGuid(guid),
        name: kind.to_string(),
        kind,
    };
    let mut currencies: Vec<Currency> =
        objects.iter().flat_map(|object| kinds.map(|kind| currency(object.id, kind))).collect();
    currencies.push(currency(V1, (VOUCHER, CurrencyKind::Card)));
    for currency in &currencies {
        assert!(Tables::of(store).add_currency(currency).await.unwrap());
    }

    let mut ids = Vec::new();
    for (name, token) in [("main", TOKEN), ("other", OTHER_TOKEN)] {
        let added = store.add_aggregator(name, TokenHash::of(token)).await.unwrap().unwrap();
        store.add_licences(added.id, &[V1, V2, HASTY]).await.unwrap();
        for queue in [SubscriptionKind::TaskQueue, SubscriptionKind::EventQueue] {
            store.set_subscription(added.id, queue, true).await.unwrap();
        }
        ids.push(added.id);
    }
    Callers { main: ids[0], other: ids[1] }
}
