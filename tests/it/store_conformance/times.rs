//! Times of a restaurant are its local ones, and times that clients send name the same moment when they come back.

use jiff::Timestamp;
use serde_json::{Value, json};
use wsa::domain::money::Money;
use wsa::domain::outbox::Content;
use wsa::domain::task::{OrderGuid, OrderKey};
use wsa::protocols::whiteserver::model::{Order, OrderStatus, TillSide};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;
use wsa::protocols::whiteserver::wire::event;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    times_of_an_order_are_the_restaurants_local_time,
    hours_that_come_twice_are_told_apart_by_the_order_of_the_list_and_the_duration,
    an_expected_time_names_the_same_moment_when_it_comes_back,
    events_have_the_restaurants_offset,
    a_zone_that_is_not_known_any_more_stops_no_payment,
];

async fn in_zone(store: &TestStore, name: &str) {
    let change = ObjectChange { time_zone: Some(name.parse().unwrap()), ..ObjectChange::default() };
    assert!(Tables::of(store).change_object(V1, &change).await.unwrap());
}

/// An order that was opened at this moment, and closed at the other if there is one.
async fn opened(store: &TestStore, at: &str, closed: Option<&str>) -> OrderGuid {
    let guid = OrderGuid::new();
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let order = Order {
        status: if closed.is_some() { OrderStatus::Canceled } else { OrderStatus::Created },
        total: Money::parse("10.00").unwrap(),
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide::default(),
        created_at: moment(at),
        closed_at: closed.map(moment),
        content: None,
        version: 0,
    };
    let key = OrderKey { object: V1, guid };
    Tables::of(store).load_orders(vec![(key, order)]).await.unwrap();
    guid
}

async fn created_at(store: &TestStore, order: OrderGuid) -> Value {
    let read = store.carried_out(&Ask::get_order(V1, order)).await;
    read["taskResponse"]["order"]["createdAt"].clone()
}

async fn listed(store: &TestStore) -> Vec<Value> {
    let list = store.carried_out(&Ask::order_list(V1).with("withClosed", true)).await;
    list["taskResponse"]["orders"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
}

async fn times_of_an_order_are_the_restaurants_local_time(store: &TestStore) {
    let order = opened(store, "2026-11-22T21:30:00.75Z", None).await;
    assert_eq!(created_at(store, order).await, "2026-11-22T21:30:00", "UTC at first");
    for (zone, local) in [
        ("Europe/Moscow", "2026-11-23T00:30:00"),
        ("Asia/Kolkata", "2026-11-23T03:00:00"),
        ("America/New_York", "2026-11-22T16:30:00"),
    ] {
        in_zone(store, zone).await;
        assert_eq!(created_at(store, order).await, local, "{zone}");
        assert_eq!(listed(store).await[0]["openTime"], local, "{zone}");
        let pay = Ask::pay(V1, order, &[("0.01", CASH)]).with("isFullOrderRequired", true);
        let paid = store.carried_out(&pay).await;
        assert_eq!(paid["taskResponse"]["order"]["createdAt"], local, "{zone}");
    }
    let others = store.order(V2, "1.00").await;
    let read = store.carried_out(&Ask::get_order(V2, others)).await;
    let shown = read["taskResponse"]["order"]["createdAt"].as_str().unwrap();
    let shown: jiff::civil::DateTime = shown.parse().unwrap();
    let utc = shown.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let age = Timestamp::now().duration_since(utc);
    assert!(age.as_secs().abs() < 60, "the other objects stay in UTC: {shown}");
}

async fn hours_that_come_twice_are_told_apart_by_the_order_of_the_list_and_the_duration(
    store: &TestStore,
) {
    in_zone(store, "Europe/Berlin").await;
    let summer = opened(store, "2026-10-25T00:30:00Z", Some("2026-10-25T01:45:00Z")).await;
    let winter = opened(store, "2026-10-25T01:30:00Z", Some("2026-10-25T01:45:00Z")).await;
    let rows = listed(store).await;
    let row = |n: usize| {
        let part = |name: &str| rows[n][name].clone();
        [part("orderGuid"), part("openTime"), part("duration")]
    };
    assert_eq!(row(0), [json!(winter), json!("2026-10-25T02:30:00"), json!(15)]);
    assert_eq!(row(1), [json!(summer), json!("2026-10-25T02:30:00"), json!(75)]);
}

async fn expected(store: &TestStore, sent: &str) -> String {
    let order = json!({"price": {"total": 1}, "delivery": {"expectedTime": sent},
        "pickup": {"expectedTime": sent}});
    let created = store.carried_out(&Ask::create_order(V1, order)).await;
    assert_eq!(code(&created), "done", "{created}");
    let guid = created["taskResponse"]["order"]["orderGuid"].as_str().unwrap();
    let read = store.carried_out(&Ask::get_order(V1, guid.parse().unwrap())).await;
    let order = &read["taskResponse"]["order"];
    assert_eq!(order["delivery"]["expectedTime"], order["pickup"]["expectedTime"]);
    order["delivery"]["expectedTime"].as_str().unwrap_or_else(|| panic!("{read}")).to_owned()
}

async fn an_expected_time_names_the_same_moment_when_it_comes_back(store: &TestStore) {
    in_zone(store, "Europe/Moscow").await;
    for (sent, back) in [
        ("2026-11-22T12:30:00+03:00", "2026-11-22T12:30:00+03:00"),
        ("2026-11-22T09:30:00Z", "2026-11-22T12:30:00+03:00"),
        ("2026-11-22T18:30:00.250+09:00", "2026-11-22T12:30:00.25+03:00"),
        ("2026-11-22T12:30:00", "2026-11-22T12:30:00"),
        ("2026-11-22T12:30:00.5", "2026-11-22T12:30:00.5"),
    ] {
        assert_eq!(expected(store, sent).await, back, "{sent}");
    }
    in_zone(store, "Europe/Berlin").await;
    for (sent, back) in [
        // The clocks go from 02:00 to 03:00.
        ("2026-03-29T02:30:00", "2026-03-29T03:30:00"),
        ("2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00"),
        // And from 03:00 back to 02:00.
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
    ] {
        assert_eq!(expected(store, sent).await, back, "{sent}");
    }
}

async fn events_have_the_restaurants_offset(store: &TestStore) {
    in_zone(store, "Asia/Kolkata").await;
    let order = opened(store, "2026-11-22T21:30:00Z", None).await;
    store.carried_out(&Ask::pay(V1, order, &[("1.00", CASH)])).await;
    let queues = store.find_queues(&[store.callers.main]).await.unwrap();
    let events = queues[&store.callers.main].events.unwrap().subscription;
    let taken = store.take_notifications(&[(events, 10)], 30).await.unwrap();
    let [notification] = taken.as_slice() else { panic!("{taken:?}") };
    let Content::Event { occurred_at, .. } = &notification.content else { panic!("{taken:?}") };
    let local = occurred_at.strftime("%Y-%m-%dT%H:%M:%S%.3f+05:30").to_string();

    let posted: Value = serde_json::from_str(&event::webhook(notification)).unwrap();
    let common = &posted["responseEventCommon"];
    assert_eq!(common["dateTimeServerReceiveEventFromAgent"], local.as_str());
    assert_eq!(posted["response"]["createdAt"], "2026-11-23T03:00:00");
    let heard: Value = serde_json::from_str(&event::queue(notification)).unwrap();
    assert_eq!(heard["eventResponse"]["dateTimeServerReceiveEventFromAgent"], local.as_str());
    let at: Timestamp = local.parse().unwrap();
    assert!(Timestamp::now().duration_since(at).as_secs().abs() < 60, "{local}");
}

async fn a_zone_that_is_not_known_any_more_stops_no_payment(store: &TestStore) {
    let order = opened(store, "2026-11-22T21:30:00Z", None).await;
    let sql = format!("UPDATE objects SET time_zone = 'Mars/Olympus' WHERE object_id = {V1}");
    store.place.execute(&sql).await.unwrap();
    let pay = Ask::pay(V1, order, &[("1.00", CASH)]).with("isFullOrderRequired", true);
    let paid = store.carried_out(&pay).await;
    assert_eq!(paid["taskResponse"]["order"]["createdAt"], "2026-11-22T21:30:00", "{paid}");
}
