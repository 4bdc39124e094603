//! `wsa admin catalogue`.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::support::catalogue::document;
use crate::support::place::{Place, Stores};
use crate::support::reference::{ONLINE, V1, V2, seed};

async fn runs(place: &Place, arguments: &[&str], input: &str) -> Output {
    let (name, value) = place.settings();
    let flag = format!("--{}", name.strip_prefix("store.").unwrap().replace('_', "-"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_wsa"))
        .args(["admin", "catalogue"])
        .args(arguments)
        .args([flag, value])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not read it may be gone.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

async fn an_operator_loads_shows_and_compares(kind: Stores) {
    let place = Place::migrated(kind).await;
    seed(&place.open()).await;
    let object = V2.to_string();
    let load = ["load", "--object", &object, "-"];
    let none = runs(&place, &["show", "--object", &object], "").await;
    assert!(!none.status.success() && text(&none.stderr).contains("has no catalogue"), "{none:?}");

    let loaded = runs(&place, &load, &document().to_string()).await;
    assert!(loaded.status.success(), "{loaded:?}");
    assert!(
        text(&loaded.stdout).starts_with(&format!("the catalogue of object {V2} is version 1: "))
    );
    let shown = runs(&place, &["show", "--object", &object, "--json"], "").await;
    let again = runs(&place, &load, &text(&shown.stdout)).await;
    assert!(text(&again.stdout).contains("it stays version 1"), "{again:?}");

    let mut changed = document();
    changed["menu"]["products"][0]["price"] = json!(350);
    changed["stopList"] = json!([]);
    let diff = runs(&place, &["diff", "--object", &object, "-"], &changed.to_string()).await;
    assert_eq!(
        text(&diff.stdout),
        "~ menu.products[id=1].price: \"340.50\" -> \"350.00\"\n\
         - stopList[id=4]: {\"id\":\"4\",\"name\":\"Sbiten\",\"type\":\"dish\"}\n"
            .replace("{\"id\":\"4\",\"name\":\"Sbiten\",\"type\":\"dish\"}", &shown_entry(&shown))
    );
    let part = json!({"stopList": []}).to_string();
    let partly = runs(&place, &["load", "--object", &object, "-", "--json"], &part).await;
    assert_eq!(
        serde_json::from_slice::<Value>(&partly.stdout).unwrap(),
        json!({"objectId": V2.0, "version": 2, "changed": ["stopList"]})
    );
    let one = ["show", "--object", &object, "--section", "stopList", "--json"];
    assert_eq!(text(&runs(&place, &one, "").await.stdout), "{\"stopList\":[]}\n");
    let menu = ["show", "--object", &object, "--section", "menu", "--json"];
    let menu = serde_json::from_slice::<Value>(&runs(&place, &menu, "").await.stdout).unwrap();
    assert_eq!(menu["menu"]["products"].as_array().unwrap().len(), 4, "what was not named stayed");
}

/// The entry of the stop list, as it is printed: cut when it is long.
fn shown_entry(shown: &Output) -> String {
    let document: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let entry = document["stopList"][0].to_string();
    match entry.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &entry[..end]),
        None => entry,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_loads_shows_and_compares_on_sqlite() {
    an_operator_loads_shows_and_compares(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_loads_shows_and_compares_on_postgres() {
    an_operator_loads_shows_and_compares(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_loaded_when_one_thing_is_wrong() {
    let place = Place::migrated(Stores::Sqlite).await;
    seed(&place.open()).await;
    let object = V1.to_string();
    let load = ["load", "--object", &object, "-"];
    let mut document = document();
    document["halls"][0]["tables"][1]["code"] = json!(11);
    document["onlineCurrency"] = json!("00000000-0000-4000-8000-00000000dead");
    document["halls"][0]["tables"][0]["seats"] = json!(4);
    let refused = runs(&place, &load, &document.to_string()).await;
    assert!(!refused.status.success());
    let told = text(&refused.stderr);
    assert!(told.contains("halls[0].tables[0].seats: it is not known"), "{told}");
    assert!(told.contains("nothing was loaded"), "{told}");
    document["halls"][0]["tables"][0].as_object_mut().unwrap().remove("seats");
    let told = text(&runs(&place, &load, &document.to_string()).await.stderr);
    for mistake in [
        "halls[0].tables[1].code: 11 is there twice; table codes are unique in a restaurant",
        &format!(
            "onlineCurrency: object {V1} has no currency 00000000-0000-4000-8000-00000000dead"
        ),
    ] {
        assert!(told.contains(mistake), "{told}");
    }
    let discount = json!({"onlineCurrency": crate::support::reference::DISCOUNT}).to_string();
    let told = text(&runs(&place, &load, &discount).await.stderr);
    assert!(told.contains("is a 100% discount"), "{told}");
    let shown = runs(&place, &["show", "--object", &object], "").await;
    assert!(text(&shown.stderr).contains("has no catalogue"), "{shown:?}");
    let good = json!({"onlineCurrency": ONLINE}).to_string();
    assert!(runs(&place, &load, &good).await.status.success());

    let unknown = runs(&place, &["load", "--object", "7", "-"], &good).await;
    assert!(text(&unknown.stderr).contains("there is no object 7"), "{unknown:?}");
    let nowhere = runs(&place, &["load", "--object", &object, "/nowhere.json"], "").await;
    assert!(text(&nowhere.stderr).contains("/nowhere.json cannot be read"), "{nowhere:?}");
    let misspelt = runs(&place, &["show", "--object", &object, "--section", "menus"], "").await;
    assert!(text(&misspelt.stderr).contains("is none of: restaurant, halls"), "{misspelt:?}");
}
