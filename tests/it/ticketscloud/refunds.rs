//! Tickets that are taken out of orders, and given back; in both versions of the API.

use reqwest::Method;
use serde_json::{Value, json};

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const REFUNDS: &str = "/v1/resources/refund_requests";
const ORDERS_V2: &str = "/v2/resources/orders";
const REFUNDS_V2: &str = "/v2/resources/refund_requests";

async fn to(app: &TestApp, by: &str, method: Method, path: &str, body: Value) -> Answer {
    send(request(app, by, method, path).body(body.to_string())).await
}

/// Asks that these tickets of an order be given back.
pub async fn ask(app: &TestApp, order: &str, culprit: &str, tickets: &[String]) -> Answer {
    let body = json!({"order": order, "culprit": culprit, "tickets_refund": tickets});
    to(app, ORG, Method::POST, REFUNDS, body).await
}

pub async fn settle(app: &TestApp, refund: &str, status: &str) -> Answer {
    let at = format!("{REFUNDS}/{refund}");
    to(app, ORG, Method::PATCH, &at, json!({"status": status})).await
}

async fn tickets_are_given_back_once_and_sold_again(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    seed(app.store()).await;
    let made = create(&app, ORG, json!({"random": {BALCONY: 4}})).await;
    let (order, tickets) = (made.id(), made.tickets());
    let paying = json!({"status": "in_progress", "payment": {"system": "api/BASE"}});
    change(&app, &order, paying).await.ok(200);
    let less = change(&app, &order, json!({"tickets": tickets[..3]})).await.ok(200);
    assert_eq!((&less["value"], &less["status"]), (&json!("788.25"), &json!("in_progress")));
    change(&app, &order, json!({"tickets": tickets})).await.error(400);
    ask(&app, &order, "user", &tickets[..1]).await.error(400);
    step(&app, &order, "done").await.ok(200);
    let codes = async || {
        let at = format!("{}/tickets", path(&order));
        let Value::Array(tickets) = to(&app, ORG, Method::GET, &at, json!({})).await.ok(200) else {
            panic!("no list")
        };
        let code = |ticket: &Value| ticket["barcode"].as_str().unwrap().to_owned();
        tickets.iter().map(code).collect::<Vec<_>>()
    };
    let sold = codes().await;
    assert_eq!(sold.len(), 3);

    // Two requests of one order, one rejected; a ticket is in one that is open.
    let first = ask(&app, &order, "user", &tickets[..1]).await;
    let shown = first.ok(201);
    assert_eq!((&shown["value"], &shown["status"]), (&json!("250.50"), &json!("new")));
    assert_eq!(shown["tickets"], json!(tickets[1..3]));
    ask(&app, &order, "org", &tickets[..1]).await.error(400);
    let second = ask(&app, &order, "org", &tickets[1..2]).await;
    assert_eq!(second.ok(201)["value"], "262.75");
    assert_eq!(settle(&app, &second.id(), "rejected").await.ok(200)["status"], "rejected");
    let approved = settle(&app, &first.id(), "approved").await.ok(200);
    assert_eq!(approved["status"], "approved");
    settle(&app, &first.id(), "approved").await.error(400);
    ask(&app, &order, "org", &tickets[..1]).await.error(400);
    let left = look(&app, &order).await.json();
    assert_eq!((&left["tickets"], &left["value"]), (&json!(tickets[1..3]), &json!("788.25")));
    assert_eq!(left["values"]["refunded"], "250.50");

    // It is on sale again, and what admitted once admits no more.
    let again = create(&app, ORG, json!({"tickets": tickets[..1]})).await.id();
    step(&app, &again, "done").await.ok(200);
    let at = format!("{}/tickets", path(&again));
    let resold = to(&app, ORG, Method::GET, &at, json!({})).await.ok(200);
    assert!(!sold.contains(&resold[0]["barcode"].as_str().unwrap().to_owned()));
    assert_eq!(codes().await, sold[1..]);

    // Lists: filters, order, and who sees them.
    let list = async |by: &str, query: &str| {
        let list = to(&app, by, Method::GET, &format!("{REFUNDS}{query}"), json!({})).await.ok(200);
        let ids = list.as_array().unwrap().iter();
        ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(ORG, "").await, [first.id(), second.id()]);
    assert_eq!(list(ORG, "?sort=-value").await, [second.id(), first.id()]);
    assert_eq!(list(ORG, "?status=approved,new").await, [first.id()]);
    assert_eq!(list(ORG, &format!("?event={OTHER_EVENT}")).await, [] as [String; 0]);
    assert_eq!(
        list(ORG, &format!("?vendor={ORG}&org={ORG}&page_size=1&page=2")).await,
        [second.id()]
    );
    assert_eq!(list(SELLER, "").await, [] as [String; 0]);

    // The rest as a whole: what it cost, with what was left of it.
    let rest = step(&app, &order, "refunded").await.ok(200);
    assert_eq!(rest["values"]["refunded"], "776.00");
    let sum = app.place.in_kopecks("sum(amount)");
    let sql =
        format!("SELECT {sum} FROM tc_entries WHERE kind = 'refund' AND order_id = '{order}'");
    assert_eq!(app.place.number(&sql).await, 77_600);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_given_back_once_and_sold_again_embedded() {
    tickets_are_given_back_once_and_sold_again(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_given_back_once_and_sold_again_on_servers() {
    tickets_are_given_back_once_and_sold_again(Stores::Postgres, Queues::Amqp).await;
}

async fn v2_is_the_same_state_in_another_form(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let made = to(&app, SELLER, Method::POST, ORDERS_V2, json!({"event": EVENT})).await.ok(200);
    let data = &made["data"];
    assert_eq!((&data["tickets"], &data["status"]), (&json!([]), &json!("executed")));
    assert_eq!(data["created_at"].as_str().unwrap().len(), "2019-07-25 14:41:11".len());
    assert_eq!(made["refs"]["events"][EVENT]["title"]["text"], "A concert");
    assert_eq!(made["refs"]["partners"][SELLER]["name"], format!("Partner {SELLER}"));
    let at = format!("{ORDERS_V2}/{}", data["id"].as_str().unwrap());
    let patch = async |body: Value| to(&app, SELLER, Method::PATCH, &at, body).await;
    assert!(patch(json!({"status": "done"})).await.error(400).contains("no tickets"));
    let body = json!({"random": {SET: 2}, "vendor_data": {"order_id": "A-7"},
                      "settings": {"customer": {"name": "Anna"}}});
    let with = patch(body).await.ok(200);
    assert_eq!(with["data"]["values"]["sets_values"][SET]["price"], "100.00");
    assert_eq!(with["data"]["settings"]["customer"]["name"], "Anna");
    assert_eq!(with["data"]["vendor_data"], json!({"order_id": "A-7"}));
    assert_eq!(with["refs"]["sets"][SET]["with_seats"], false);
    assert_eq!(with["data"]["tickets"][0]["barcode"], Value::Null);
    patch(json!({"settings": {"send_tickets": true}})).await.error(400);
    let done = patch(json!({"status": "done"})).await.ok(200);
    assert_eq!(done["data"]["tickets"][0]["barcode"].as_str().unwrap().len(), 17);
    assert!(done["data"]["done_at"].is_string(), "{done}");
    assert_eq!(to(&app, SELLER, Method::GET, &at, json!({})).await.ok(200), done);

    // The owner of the event decides about what its seller asks for; a stranger sees nothing.
    let ticket = &done["data"]["tickets"][1]["id"];
    let body = json!({"order": data["id"], "culprit": "user", "tickets": [ticket],
                      "requested_at": "2019-12-15T13:01:02"});
    let asked = to(&app, SELLER, Method::POST, REFUNDS_V2, body).await.ok(200);
    let refund = &asked["data"];
    assert_eq!((&refund["refund_nominal"], &refund["status"]), (&json!("100.00"), &json!("new")));
    assert_eq!(refund["requested_at"], "2019-12-15 13:01:02");
    let at_refund = format!("{REFUNDS_V2}/{}", refund["id"].as_str().unwrap());
    let approve = json!({"status": "approved"});
    to(&app, STRANGER, Method::PATCH, &at_refund, approve.clone()).await.error(404);
    to(&app, STRANGER, Method::GET, &at_refund, json!({})).await.error(404);
    let approved = to(&app, ORG, Method::PATCH, &at_refund, approve).await.ok(200);
    assert_eq!(approved["data"]["status"], "approved");
    let refunds = to(&app, ORG, Method::GET, REFUNDS_V2, json!({})).await.ok(200);
    assert_eq!(refunds["data"], json!([approved["data"]]));

    let other = to(&app, SELLER, Method::POST, ORDERS_V2, json!({"event": EVENT})).await.ok(200);
    let at = format!("{ORDERS_V2}/{}", other["data"]["id"].as_str().unwrap());
    let off = to(&app, SELLER, Method::PATCH, &at, json!({"status": "cancelled"})).await.ok(200);
    assert_eq!(off["data"]["status"], "cancelled");
    let listed = format!("{ORDERS_V2}?status=cancelled,done&page_size=1");
    let listed = to(&app, SELLER, Method::GET, &listed, json!({})).await.ok(200);
    assert_eq!(listed["data"], json!([off["data"]]));
    assert_eq!(listed["pagination"], json!({"page": 1, "page_size": 1}));
    // v1 has the same order, by its own words.
    let v1 = path(other["data"]["id"].as_str().unwrap());
    assert_eq!(to(&app, SELLER, Method::GET, &v1, json!({})).await.ok(200)["status"], "canceled");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v2_is_the_same_state_in_another_form_on_sqlite() {
    v2_is_the_same_state_in_another_form(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v2_is_the_same_state_in_another_form_on_postgres() {
    v2_is_the_same_state_in_another_form(Stores::Postgres).await;
}
