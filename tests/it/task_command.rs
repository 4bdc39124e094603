//! `wsa task list` and `wsa task show`: what an operator sees of tasks.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CASH, V1};
use crate::support::stores::TestStore;

async fn wsa(store: &TestStore, arguments: &[&str]) -> Output {
    let (_, directory) = store.place.settings();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.arg("task").args(arguments).args(["--data-dir", &directory]);
    command.output().await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_why_a_payment_was_refused() {
    let store = TestStore::fresh(Stores::Sqlite).await;
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("11.00", CASH)])).await;
    store.settle(&[key]).await.unwrap();
    let answer = store.answer(key).await;
    let told = &answer["error"]["agentError"];
    let (code, desc) = (told["code"].as_str().unwrap(), told["desc"].as_str().unwrap());
    let guid = key.guid.to_string();

    let shown = wsa(&store, &["show", &guid]).await;
    assert!(shown.status.success(), "{shown:?}");
    let people = text(&shown.stdout);
    let head = format!("task {guid}: PayOrder of main for {V1}: refused {code}\n{desc}\n");
    assert!(people.starts_with(&head), "{people}");
    for step in ["accepted", "answered", "waits"] {
        assert!(people.contains(step), "{step}: {people}");
    }

    let shown = wsa(&store, &["show", &guid, "--json"]).await;
    let json: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&json["taskGuid"], &json["code"]), (&guid.as_str().into(), &code.into()));
    let steps: Vec<_> =
        json["timeline"].as_array().unwrap().iter().map(|step| step["what"].as_str()).collect();
    assert_eq!(steps.first(), Some(&Some("accepted")), "{json}");

    let listed = wsa(&store, &["list", "--json"]).await;
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed["code"], &listed["message"]), (&code.into(), &desc.into()));
    let listed = wsa(&store, &["list"]).await;
    assert!(text(&listed.stdout).contains(code), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_not_there_is_named() {
    let store = TestStore::fresh(Stores::Sqlite).await;
    let guid = "0191d5e0-0000-7000-8000-000000000001";
    let shown = wsa(&store, &["show", guid]).await;
    assert_eq!(shown.status.code(), Some(1), "{shown:?}");
    assert!(text(&shown.stderr).contains(&format!("no task {guid}")), "{shown:?}");
}
