//! The example till in the documentation works as printed.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::client::{add, token};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::soon;

async fn the_example_hears_that_a_guest_has_paid(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V2).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/till.py");
    let mut command = Command::new("/usr/bin/python3");
    command.args([script, "--url", &app.url, "--token", &token(V2), "--table", "12"]);
    let mut till = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
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
