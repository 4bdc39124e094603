//! Orders and their payments, and the tasks about them.

use serde_json::{Value, json};
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CASH, V2};

fn guids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|task| task["taskGuid"].as_str().unwrap().to_owned()).collect()
}

async fn a_payment_is_found_by_what_its_client_calls_the_order(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let order = json!({"originalOrderId": "A-17", "price": {"total": 10}});
    let created = app.submit(&Ask::create_order(V2, order)).await;
    app.answer(created).await;
    let other = json!({"originalOrderId": "A-18", "price": {"total": 10}});
    app.answer(app.submit(&Ask::create_order(V2, other)).await).await;

    let found = ops.get("/ops/v1/orders?originalOrderId=A-17").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let order = &found["items"][0];
    let id = order["id"].as_str().unwrap();
    assert_eq!((&order["total"], &order["objectId"]), (&"10.00".into(), &V2.0.into()));
    let guid = id.parse().unwrap();
    let refused = app.submit(&Ask::pay(V2, guid, &[("11.00", CASH)])).await;
    app.answer(refused).await;
    let paid = app.submit(&Ask::pay(V2, guid, &[("10.00", CASH)])).await;
    app.answer(paid).await;

    let expected = [paid, refused, created].map(|guid| guid.to_string());
    for query in ["originalOrderId=A-17".to_owned(), format!("orderGuid={id}")] {
        let page = ops.get(&format!("/ops/v1/tasks?{query}")).await.ok();
        let found = guids(&page);
        for guid in &expected[..2] {
            assert!(found.contains(guid), "{query}: {page}");
        }
        assert!(found.len() <= 3, "{query}: {page}");
    }
    let with_payments = ops.get(&format!("/ops/v1/orders/{id}")).await.ok();
    assert_eq!(with_payments["order"]["paid"], "10.00");
    let payments = with_payments["payments"].as_array().unwrap();
    assert_eq!((payments.len(), &payments[0]["amount"]), (1, &"10.00".into()), "{payments:?}");
    let task = ops.get(&format!("/ops/v1/tasks/{paid}")).await.ok();
    let kinds: Vec<_> =
        task["related"].as_array().unwrap().iter().map(|record| record["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("orders"), Some("payments")], "{task}");
    ops.get("/ops/v1/orders/0191d5e0-0000-7000-8000-000000000001").await.refused(404);
    app.finish().await;
}

async fn lists_of_every_protocol_are_read_in_pages(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    app.orders(V2, "10.00", 7).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ops.get(&format!("/ops/v1/orders?object={V2}&limit=3{cursor}")).await.ok();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|order| order["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let all = ops.get("/ops/v1/orders").await.ok();
    let all = all["items"].as_array().unwrap();
    assert_eq!((seen.len(), all.len()), (7, 7));
    assert!(seen.is_sorted_by(|one, other| one > other), "{seen:?}");
    for class in ["objects", "orders", "payments", "carts", "services", "tickets", "accounts"] {
        let lists = wsa::ops::queries::records::lists(&wsa::protocols::ALL, class.parse().unwrap());
        assert!(!lists.is_empty(), "{class}");
        for (protocol, ..) in lists {
            for object in [V2.0, 1_000_000_000_000_000, 2_000_000_000_000_000] {
                let path = format!("/ops/v1/{class}?protocol={protocol}&object={object}");
                ops.get(&path).await.ok();
            }
            for by in ["id", "originalOrderId", "order", "task"] {
                for id in ["7", "0191d5e0-0000-7000-8000-000000000001", "0123456789abcdef01234567"]
                {
                    ops.get(&format!("/ops/v1/{class}?protocol={protocol}&{by}={id}")).await.ok();
                }
            }
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_found_by_what_its_client_calls_the_order_on_sqlite() {
    a_payment_is_found_by_what_its_client_calls_the_order(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_found_by_what_its_client_calls_the_order_on_postgres() {
    a_payment_is_found_by_what_its_client_calls_the_order(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_every_protocol_are_read_in_pages_on_sqlite() {
    lists_of_every_protocol_are_read_in_pages(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_every_protocol_are_read_in_pages_on_postgres() {
    lists_of_every_protocol_are_read_in_pages(Stores::Postgres).await;
}
