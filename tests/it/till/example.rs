//! The examples in the documentation work as printed.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;

use super::client::{add, token};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};

use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, TOKEN, V1, V2};
use crate::support::script::script;
use crate::support::soon;

async fn the_example_hears_that_a_guest_has_paid(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V2).await;
    let mut command = script("till.py");
    command.args(["--url", &app.url, "--token", &token(V2), "--table", "12"]);
    let mut till = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(till.stdout.take().unwrap()).lines();
    let opened = soon("it has opened an order", said.next_line()).await.unwrap().unwrap();
    assert!(opened.ends_with("at table 12 for 449.35"), "{opened}");

    let list = app.ask(&Ask::order_list(V2).with("tableCode", 12)).await;
    let guid = list["taskResponse"]["orders"][0]["orderGuid"].as_str().unwrap().to_owned();
    assert!(opened.contains(&guid), "{opened}");
    let order = guid.parse().unwrap();
    let paid = app.ask(&Ask::pay(V2, order, &[("449.35", CASH)])).await;
    assert_eq!(code(&paid), "done", "{paid}");
    let mut heard = Vec::new();
    while let Some(line) = soon("it has heard", said.next_line()).await.unwrap() {
        heard.push(line);
    }
    assert_eq!(
        heard,
        [
            format!("OrderCreated {guid} by till due 449.35"),
            format!("OrderPaid {guid} by aggregator due 0.0"),
        ]
    );
    assert!(soon("it has ended", till.wait()).await.unwrap().success());
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_hears_that_a_guest_has_paid_on_sqlite() {
    the_example_hears_that_a_guest_has_paid(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_hears_that_a_guest_has_paid_on_postgres() {
    the_example_hears_that_a_guest_has_paid(Stores::Postgres).await;
}

/// What a script says that goes from an empty installation to a paid order.
async fn said(app: &TestApp, name: &str, object: ObjectId) -> String {
    let (id, currency) = (object.to_string(), CASH.to_string());
    let mut command = script(name);
    command.args(["--url", &app.url, "--object", &id, "--token", TOKEN]);
    command.args(["--till-token", &token(object), "--currency", &currency]);
    let output = soon("the script has ended", command.output()).await.unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {wrong}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_pays_at_the_table_and_a_delivery_is_taken_and_paid_by_the_examples() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await.start().await;
    for object in [V1, V2] {
        add(app.store(), object).await;
    }
    // The aggregator asks for both types of events; what it hears of the guest's order is not the delivery's.
    let both = "OrderChanged,OrderStatusChanged".parse().unwrap();
    let all = app.store().aggregators().await.unwrap();
    let main = all.iter().find(|aggregator| aggregator.name == "main").unwrap().id;
    app.store().set_event_types(main, both).await.unwrap();
    let heard = said(&app, "guest_pays.py", V1).await;
    let guid = heard.split_whitespace().find_map(|word| word.parse::<OrderGuid>().ok()).unwrap();
    let expected = format!(
        "catalogue 1\ntable 12 in Main hall\norder Fish soup served by Maria to pay 449.35\npaid, to pay 0.0\n\
         OrderCreated {guid} by till due 449.35\nOrderPaid {guid} by aggregator due 0.0\n"
    );
    assert_eq!(heard, expected);

    // A restaurant that wants to be asked.
    let asked = ObjectChange { accept_within_s: Some(Some(3600)), ..ObjectChange::default() };
    Tables::of(app.store()).change_object(V2, &asked).await.unwrap();
    let heard = said(&app, "delivery.py", V2).await;
    let expected = "menu Fish soup 449.35\nheard Confirmed None\nheard Created None\nheard Created Cooking\n\
        heard Complited Cooking\ntill OrderAccepted by till due 449.35\n\
        till OrderChanged by till due 449.35\ntill OrderPaid by aggregator due 0.0\n";
    assert_eq!(heard, expected);
    let books = app.finish().await;
    assert_eq!((books.orders.len(), books.payments.len()), (2, 2));
}
