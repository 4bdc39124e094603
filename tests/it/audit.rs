//! `wsa audit` as its caller sees it.

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::process::Command;

use crate::support::place::{Place, Stores};
use crate::support::reference::{V1, seed};
use crate::support::stores::open_order;

async fn wsa(place: &Place, arguments: &[&str]) -> Output {
    let (setting, store) = place.settings();
    let variable = format!("WSA__{}", setting.to_uppercase().replace('.', "__"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(arguments).env(variable, store).stdin(Stdio::null()).output().await.unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

async fn the_exit_code_says_what_the_report_says(kind: Stores) {
    let place = Place::migrated(kind).await;
    seed(&place.open()).await;
    let order = open_order(&place.open(), V1, "10.00").await;
    let sound = wsa(&place, &["audit", "--json"]).await;
    assert_eq!(sound.status.code(), Some(0), "{sound:?}");
    let report = json(&sound);
    assert_eq!((&report["sound"], &report["rows"]["orders"]), (&true.into(), &1.into()));
    assert!(report["objectId"].is_null() && report["checks"].as_array().unwrap().len() > 30);

    place.drop_constraints().await;
    place.force(&format!("UPDATE orders SET paid = {}", place.kopecks(1))).await;
    let broken = wsa(&place, &["audit", "--json", "--object", &V1.to_string()]).await;
    assert_eq!(broken.status.code(), Some(1), "{broken:?}");
    let report = json(&broken);
    assert_eq!((&report["sound"], &report["objectId"]), (&false.into(), &V1.0.into()));
    let checks = report["checks"].as_array().unwrap();
    let checks: Vec<_> = checks.iter().filter(|check| check["broken"] != 0).collect();
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(
        (&checks[0]["name"], &checks[0]["broken"]),
        (&"order-paid-is-the-sum".into(), &1.into())
    );
    assert_eq!(checks[0]["examples"][0]["orderGuid"], order.to_string());
    assert_eq!(checks[0]["examples"][0]["paid"], "0.01");

    let people = wsa(&place, &["audit"]).await;
    let said = text(&people.stdout);
    assert_eq!(people.status.code(), Some(1), "{said}");
    assert!(said.contains("order-paid-is-the-sum: 1 broken: an order holds"), "{said}");
    assert!(said.contains(&format!("orderGuid {order}")), "{said}");
    assert!(said.contains("1 rule is broken: ") && !said.contains('\u{1b}'), "{said}");
    let other = wsa(&place, &["audit", "--object", "7"]).await;
    assert_eq!(other.status.code(), Some(0), "{}", text(&other.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_what_the_report_says_on_sqlite() {
    the_exit_code_says_what_the_report_says(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_what_the_report_says_on_postgres() {
    the_exit_code_says_what_the_report_says(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_checked_is_neither_sound_nor_broken() {
    let old = Place::empty(Stores::Postgres).await;
    let refused = wsa(&old, &["audit", "--json"]).await;
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    assert!(text(&refused.stderr).contains("run `wsa migrate` first"), "{refused:?}");

    // A directory without a store in it, where none is made.
    let empty = Place::empty(Stores::Sqlite).await;
    let refused = wsa(&empty, &["audit", "--json"]).await;
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    assert!(!empty.file().exists(), "an audit makes no store");

    let place = Place::migrated(Stores::Sqlite).await;
    let away = ["audit", "--json", "--database-url", "postgres://nobody@127.0.0.1:1/none"];
    let refused = wsa(&place, &away).await;
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(text(&refused.stderr).contains("could not be audited"), "{refused:?}");
}
