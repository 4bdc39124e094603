//! Who may do what.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::protocols::ticketscloud::hex_id::DealId;
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{TOKEN, V1};

async fn by(app: &TestApp, partner: &str, method: Method, path: &str, body: Value) -> Answer {
    send(request(app, partner, method, path).body(body.to_string())).await
}

async fn a_partner_sells_its_own_events_and_those_it_has_a_deal_for(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let wanted = json!({"random": {SET: 1}});
    let own = create(&app, ORG, wanted.clone()).await;
    let shown = own.ok(201);
    assert_eq!(
        (&shown["org"], &shown["vendor"], &shown["deal"]),
        (&json!(ORG), &json!(ORG), &Value::Null)
    );
    let sold = create(&app, SELLER, wanted.clone()).await;
    assert_eq!(sold.header("x-partner"), Some(SELLER));
    let shown = sold.ok(201);
    assert_eq!(
        (&shown["org"], &shown["vendor"], &shown["deal"]),
        (&json!(ORG), &json!(SELLER), &json!(DEAL))
    );
    let refused = create(&app, STRANGER, wanted.clone()).await;
    assert!(refused.error(403).contains("no deal"), "{refused:?}");
    assert_eq!(
        (refused.header("x-partner"), refused.header("x-task-guid")),
        (Some(STRANGER), None)
    );
    let unknown = json!({"event": "56a6253df06c5a059a938000", "random": {SET: 1}});
    let answer = by(&app, ORG, Method::POST, ORDERS, unknown).await;
    assert!(answer.error(404).contains("no event"), "{answer:?}");

    // Somebody else's order is as good as none, also the event's owner's and the other way round.
    let cancel = json!({"status": "canceled"});
    for (order, stranger) in [(own.id(), SELLER), (own.id(), STRANGER), (sold.id(), ORG)] {
        for (method, body) in
            [(Method::GET, json!({})), (Method::PATCH, cancel.clone()), (Method::DELETE, json!({}))]
        {
            let answer = by(&app, stranger, method, &path(&order), body).await;
            assert_eq!(answer.error(404), "There is no such order.");
            assert_eq!(answer.header("x-task-guid"), None);
        }
    }
    // Without the deal no more orders; the one that is there goes on.
    assert!(Tables::of(app.store()).remove_deal(DEAL.parse::<DealId>().unwrap()).await.unwrap());
    create(&app, SELLER, wanted).await.error(403);
    let done = by(&app, SELLER, Method::PATCH, &path(&sold.id()), json!({"status": "done"})).await;
    assert_eq!(done.ok(200)["deal"], DEAL);
    assert_eq!(app.finish().await.tasks.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sells_its_own_events_and_those_it_has_a_deal_for_on_sqlite() {
    a_partner_sells_its_own_events_and_those_it_has_a_deal_for(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sells_its_own_events_and_those_it_has_a_deal_for_on_postgres() {
    a_partner_sells_its_own_events_and_those_it_has_a_deal_for(Stores::Postgres).await;
}

async fn lists_are_filtered_and_paged(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let mut made = Vec::new();
    for n in 0..5 {
        let order = ordered(&app, 1 + n % 2).await;
        if n % 2 == 0 {
            step(&app, &order, "done").await.ok(200);
        }
        made.insert(0, order);
    }
    let elsewhere = json!({"event": OTHER_EVENT, "random": {SET: 1}});
    by(&app, STRANGER, Method::POST, ORDERS, elsewhere).await.ok(201);
    let list = async |partner: &str, query: &str| {
        let path = format!("{ORDERS}{query}");
        let answer = by(&app, partner, Method::GET, &path, json!({})).await;
        assert_eq!(answer.header("x-partner"), Some(partner));
        let Value::Array(orders) = answer.ok(200) else { panic!("no list: {answer:?}") };
        orders
    };
    let ids = |orders: &[Value]| -> Vec<String> {
        orders.iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = list(ORG, "").await;
    assert_eq!(ids(&all), made, "the newest first");
    for order in &all {
        assert_eq!(*order, look(&app, order["id"].as_str().unwrap()).await.json());
    }
    assert_eq!(ids(&list(ORG, "?status=done").await), [&*made[0], &made[2], &made[4]]);
    assert_eq!(ids(&list(ORG, "?status=executed&page_size=1&page=2").await), [&*made[3]]);
    assert_eq!(ids(&list(ORG, "?page_size=2&page=2").await), made[2..4]);
    assert_eq!(list(ORG, "?page_size=2&page=4").await, [] as [Value; 0]);
    assert_eq!(list(ORG, &format!("?event={EVENT}")).await.len(), 5);
    assert_eq!(list(ORG, &format!("?event={OTHER_EVENT}")).await.len(), 0);
    assert_eq!(list(STRANGER, "").await.len(), 1);
    assert_eq!(list(SELLER, "").await.len(), 0);
    for wrong in
        ["?status=paid", "?page=0", "?page=10001", "?page_size=101", "?event=1", "?page=1&page=1"]
    {
        by(&app, ORG, Method::GET, &format!("{ORDERS}{wrong}"), json!({})).await.error(400);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_paged_on_sqlite() {
    lists_are_filtered_and_paged(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_paged_on_postgres() {
    lists_are_filtered_and_paged(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_must_be_a_partners() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let body = json!({"event": EVENT, "random": {SET: 1}}).to_string();
    let order = ordered(&app, 1).await;
    for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
        let at = match method {
            Method::POST => ORDERS.to_owned(),
            _ => path(&order),
        };
        let bare = || app.request(method.clone(), &at).header("Content-Type", "application/json");
        let refused = send(bare().body(body.clone())).await;
        refused.error(401);
        assert_eq!(refused.header("x-partner"), None);
        let own = key(ORG);
        for wrong in
            ["", "key", "key ", "key x", &own, &format!("Bearer {own}"), &format!("key {TOKEN}")]
        {
            send(bare().header("Authorization", wrong).body(body.clone())).await.error(401);
        }
        let twice = bare().header("Authorization", format!("key {own}"));
        send(twice.header("Authorization", format!("key {own}")).body(body.clone()))
            .await
            .error(401);
    }
    // Rotating is that of the aggregator that the key is.
    let hash = wsa::domain::token::TokenHash::of("new");
    let name = format!("ticketscloud-key-{ORG}");
    app.store().rotate_token(&name, hash).await.unwrap().unwrap();
    look(&app, &order).await.error(401);
    let with = |scheme: &str| {
        app.request(Method::GET, &path(&order)).header("Authorization", format!("{scheme} new"))
    };
    assert_eq!(send(with("key")).await.status, 200);
    assert_eq!(send(with("Key")).await.status, 200);
    assert!(Tables::of(app.store()).remove_key(ORG).await.unwrap());
    send(with("key")).await.error(401);
    assert_eq!(app.finish().await.tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_nothing_else() {
    let app = TestApp::embedded().await;
    let event = seed(app.store()).await;
    let partner = app.with_token(&key(ORG));
    for object in [V1, event, ObjectId(1)] {
        let reply = partner.create(&Ask::get_order(object, OrderGuid::new()).asynchronous()).await;
        assert_eq!(code(&reply.json()), "AuthFailed");
    }
    let payment = app.request(Method::GET, "/api/v3/resellers/1/payments/1");
    let answer = send(payment.header("X-Api-Token", key(ORG))).await;
    assert_eq!(answer.status, 401);
    assert!(app.finish().await.tasks.is_empty());
}
