//! What a seller sees of what it sells: events from a document, their sets, seats and tickets, and deals.

use std::process::{Output, Stdio};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;

const SIMPLE: &str = "/v1/services/simple/events";
const EVENTS: &str = "/v1/resources/events";
const HALL: &str = "54d49b9df06c5a0dbde10e7f";

/// An event in the hall, with two sets: one without seats, one with four.
pub fn document(id: &str, start: &str, end: &str, price: &str) -> Value {
    let own = |number: &str| format!("{}{number}", &id[..20]);
    json!({
        "id": id,
        "org": ORG,
        "title": {"text": "Concert", "desc": "Loud"},
        "lifetime": {"start": start, "end": end},
        "venue": {"id": HALL, "name": "Hall", "country": {"id": "RU"},
                  "city": {"id": 524901, "name": "Moscow"}, "point": [37.5, 55.7]},
        "sets": [
            {"id": own("a001"), "name": "Stalls", "amount": 3,
             "rules": [{"id": own("b001"), "price_org": price, "price_extra": "10.00"}]},
            {"id": own("a002"), "name": "Balcony", "sector": "54d7a0409cb538783b7bf8d5",
             "rules": [{"id": own("b002"), "price_org": "900.00"}],
             "tickets": (1..=4).map(|seat| json!({"id": own(&format!("c00{seat}")), "row": 1, "number": seat}))
                 .collect::<Vec<_>>()},
        ],
    })
}

async fn loads(place: &Place, document: &str) -> Output {
    let (name, value) = place.settings();
    let flag = format!("--{}", name.strip_prefix("store.").unwrap().replace('_', "-"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_wsa"))
        .args(["admin", "ticketscloud", "event", "load", "-", &flag, &value])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(document.as_bytes()).await.unwrap();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

async fn get(app: &TestApp, by: &str, path: &str) -> Answer {
    send(request(app, by, Method::GET, path)).await
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

async fn a_seller_sees_what_it_sells_and_nothing_else(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let (early, late) = ("56a6253df06c5a059a930001", "56a6253df06c5a059a940001");
    let first = document(early, "2030-05-12T20:00:00Z", "2030-05-12T23:00:00Z", "100.00");
    let second = document(late, "2030-06-12T20:00:00Z", "2030-06-12T23:00:00Z", "50.00");
    for document in [&first, &first, &second] {
        use wsa::protocols::ticketscloud::sql::{Tables, loading::Loaded};
        let read = wsa::protocols::ticketscloud::document::read(&document.to_string()).unwrap();
        let loaded = Tables::of(app.store()).load_event(&read).await.unwrap();
        assert!(matches!(loaded, Loaded::Done(..)), "{loaded:?}");
    }

    // Lists: what is filtered, in which order, which page.
    let list = async |query: &str| get(&app, ORG, &format!("{SIMPLE}{query}")).await.ok(200);
    let in_hall = format!("?venue={HALL}");
    for (query, found) in [
        (in_hall.clone(), vec![early, late]),
        ("?city=524901&country=RU&sort=-start".into(), vec![late, early]),
        (format!("{in_hall}&sort=price"), vec![late, early]),
        (format!("{in_hall}&page_size=1&page=2"), vec![late]),
        ("?lifetime__range=2030-05-01,2030-06-01".into(), vec![early]),
        ("?price__range=105,115".into(), vec![EVENT, early, late]),
        (format!("?price__range=55,65&org={ORG}"), vec![late]),
        (format!("?org={STRANGER}"), vec![]),
    ] {
        let list = list(&query).await;
        let expected = if query.contains("price__range=105") { vec![early] } else { found };
        assert_eq!(ids(&list), expected, "{query}");
    }
    assert_eq!(ids(&get(&app, STRANGER, SIMPLE).await.ok(200)), [OTHER_EVENT]);
    assert_eq!(ids(&get(&app, SELLER, EVENTS).await.ok(200)), [EVENT]);

    // One of them, in both forms, and what of it is asked for.
    let whole = get(&app, ORG, &format!("{SIMPLE}/{early}")).await.ok(200);
    assert_eq!(list(&in_hall).await[0], whole);
    assert_eq!((&whole["tickets_amount"], &whole["venue"]["name"]), (&json!(7), &json!("Hall")));
    assert_eq!(whole["org"]["name"], format!("Partner {ORG}"));
    let (stalls, balcony) = (&whole["sets"][0], &whole["sets"][1]);
    assert_eq!((&stalls["price"], &stalls["seats"]), (&json!("110.00"), &Value::Null));
    assert_eq!(balcony["seats"], json!({"1": [[1, 4]]}));
    let at = format!("{EVENTS}/{early}");
    let resource = get(&app, ORG, &at).await.ok(200);
    assert_eq!((&resource["org"], &resource["venue"]), (&json!(ORG), &json!(HALL)));
    let schema = "?fields-schema=id,title{text},venue{city{name}},sets{name}";
    assert_eq!(
        get(&app, ORG, &format!("{at}{schema}")).await.ok(200),
        json!({"id": early, "title": {"text": "Concert"}, "venue": {"city": {"name": "Moscow"}},
               "sets": [{"name": "Stalls"}, {"name": "Balcony"}]})
    );
    let sets = get(&app, ORG, &format!("{at}/sets")).await.ok(200);
    assert_eq!(sets, whole["sets"]);
    let set = balcony["id"].as_str().unwrap();
    assert_eq!(get(&app, ORG, &format!("{at}/sets/{set}")).await.ok(200), *balcony);

    // Tickets, as they are sold.
    let tickets = async |query: &str| get(&app, ORG, &format!("{at}/tickets{query}")).await.ok(200);
    let body = json!({"event": early, "random": {set: 2}});
    let order = send(request(&app, ORG, Method::POST, ORDERS).body(body.to_string())).await;
    order.ok(201);
    assert_eq!(tickets("").await.as_array().unwrap().len(), 7);
    let reserved = tickets("?status=reserved").await;
    assert_eq!(reserved.as_array().unwrap().len(), 2);
    assert!(reserved[0]["reserved_till"].is_string(), "{reserved}");
    assert_eq!(reserved[0]["seat"]["row"], "1");
    step(&app, &order.id(), "done").await.ok(200);
    assert_eq!(tickets("?status=sold").await.as_array().unwrap().len(), 2);
    assert_eq!(tickets("?status=vacant,reserved").await.as_array().unwrap().len(), 5);
    let counted = get(&app, ORG, &format!("{at}?fields-schema=tickets_amount_vacant")).await;
    assert_eq!(counted.ok(200), json!({"tickets_amount_vacant": 5}));

    // An order with its event and its tickets, read and written.
    let schema = "?fields-schema=id,event{title{text}},tickets{barcode,seat{number}}";
    let shown = get(&app, ORG, &format!("{}{schema}", path(&order.id()))).await.ok(200);
    assert_eq!(shown["event"], json!({"title": {"text": "Concert"}}));
    assert_eq!(shown["tickets"][0]["seat"], json!({"number": "1"}));
    assert_eq!(shown["tickets"][0]["barcode"].as_str().unwrap().len(), 17);
    let body = json!({"event": early, "random": {set: 1}}).to_string();
    let at_once = format!("{ORDERS}?fields-schema=event{{id}},tickets{{status}}");
    let made = send(request(&app, ORG, Method::POST, &at_once).body(body)).await.ok(201);
    assert_eq!(made, json!({"event": {"id": early}, "tickets": [{"status": "reserved"}]}));

    // Deals are seen by both sides.
    for by in [ORG, SELLER] {
        let deals = get(&app, by, "/v1/resources/deals").await.ok(200);
        assert_eq!(ids(&deals), [DEAL]);
        assert_eq!((&deals[0]["obj"], &deals[0]["subj"]), (&json!(ORG), &json!(SELLER)));
    }
    assert_eq!(get(&app, STRANGER, "/v1/resources/deals").await.ok(200), json!([]));
    get(&app, STRANGER, &format!("/v1/resources/deals/{DEAL}")).await.error(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_sees_what_it_sells_and_nothing_else_on_sqlite() {
    a_seller_sees_what_it_sells_and_nothing_else(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_sees_what_it_sells_and_nothing_else_on_postgres() {
    a_seller_sees_what_it_sells_and_nothing_else(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_loads_an_event_and_is_told_every_mistake() {
    let place = Place::migrated(Stores::Sqlite).await;
    seed(&place.open()).await;
    let event = "56a6253df06c5a059a930001";
    let mut document = document(event, "2030-05-12T20:00:00Z", "2030-05-12T23:00:00Z", "100.00");
    let loaded = loads(&place, &document.to_string()).await;
    let told = String::from_utf8(loaded.stdout).unwrap();
    assert!(loaded.status.success() && told.contains("7 tickets are new"), "{told}");
    document["title"]["text"] = json!("");
    document["sets"][0]["rules"][0]["price_org"] = json!(1.5);
    let wrong = loads(&place, &document.to_string()).await;
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(!wrong.status.success() && told.contains("title.text: it must be"), "{told}");
    assert!(told.contains("sets[0].rules[0].price_org: it must be an amount"), "{told}");
    // What the store contradicts is told by its place, too.
    document["title"]["text"] = json!("Another");
    document["sets"][0]["rules"][0]["price_org"] = json!("1.50");
    document["org"] = json!(STRANGER);
    document["sets"].as_array_mut().unwrap().remove(0);
    let wrong = loads(&place, &document.to_string()).await;
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        told.contains("org: the event is of") && told.contains("sets: the event has set"),
        "{told}"
    );
    assert_eq!(place.number("SELECT count(*) FROM tc_events WHERE name = 'Another'").await, 0);
}
