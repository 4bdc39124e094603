//! `wsa admin object`: the time zone of a restaurant.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::support::place::{Place, Stores};

async fn runs(place: &Place, arguments: &str) -> Output {
    let (_, directory) = place.settings();
    Command::new(env!("CARGO_BIN_EXE_wsa"))
        .args(["admin", "object"])
        .args(arguments.split(' '))
        .args(["--data-dir", &directory])
        .output()
        .await
        .unwrap()
}

async fn zone(place: &Place) -> Value {
    let listed = runs(place, "list --json").await;
    serde_json::from_slice::<Value>(&listed.stdout).unwrap()["timeZone"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_says_where_a_restaurants_clocks_are() {
    let place = Place::migrated(Stores::Sqlite).await;
    let added = runs(&place, "add --id 7 --name Seven --agent-version v2").await;
    assert!(added.status.success(), "{added:?}");
    assert_eq!(zone(&place).await, "UTC");
    let changed = runs(&place, "set --id 7 --time-zone asia/vladivostok").await;
    let told = String::from_utf8(changed.stdout).unwrap();
    assert!(told.contains("time zone: Asia/Vladivostok"), "{told}");
    assert!(runs(&place, "set --id 7 --cancel-paid on").await.status.success());
    assert_eq!(zone(&place).await, "Asia/Vladivostok", "nothing else changes it");
    let added = "add --id 8 --name Eight --agent-version v1 --time-zone Europe/Moscow --json";
    let added = runs(&place, added).await;
    assert_eq!(
        serde_json::from_slice::<Value>(&added.stdout).unwrap()["timeZone"],
        "Europe/Moscow"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_nobody_knows_is_refused_with_its_name_the_rule_and_an_example() {
    let place = Place::migrated(Stores::Sqlite).await;
    for command in ["add --id 7 --name Seven --agent-version v2", "set --id 7"] {
        let refused = runs(&place, &format!("{command} --time-zone Moscow")).await;
        assert!(!refused.status.success(), "{refused:?}");
        let told = String::from_utf8(refused.stderr).unwrap();
        for part in ["\"Moscow\"", "IANA time zone database", "Europe/Moscow"] {
            assert!(told.contains(part), "{told}");
        }
    }
    assert_eq!(runs(&place, "list --json").await.stdout, b"");
}
