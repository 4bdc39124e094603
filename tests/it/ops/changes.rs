//! What commands change: the journal says what it was and what it is since, without secrets.

use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Command;
use wsa::ops::journal::{JournalQuery, entries};

use crate::support::place::Stores;
use crate::support::reference::V2;
use crate::support::stores::TestStore;

async fn wsa(store: &TestStore, line: &str) -> Output {
    let (setting, place) = store.place.settings();
    let flag = if setting == "store.data_dir" { "--data-dir" } else { "--database-url" };
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(line.split(' ')).args([flag, &place]).output().await.unwrap()
}

/// Runs it; gives the newest entry since, and what was printed.
async fn entered(store: &TestStore, line: &str) -> (Value, String) {
    let done = wsa(store, line).await;
    assert!(done.status.success(), "{line}: {done:?}");
    let query = JournalQuery { limit: Some(1), ..JournalQuery::default() };
    let entry = entries(store, &query).await.unwrap().items.remove(0);
    let entry = serde_json::to_value(entry).unwrap();
    assert!(line.starts_with(entry["action"].as_str().unwrap()), "{line}: {entry}");
    (entry, String::from_utf8(done.stdout).unwrap())
}

async fn a_command_says_what_it_has_changed(kind: Stores) {
    let store = TestStore::fresh(kind).await;
    let object = format!("admin object set --id {V2} --timeout-s 77 --cancel-paid on");
    let (entry, _) = entered(&store, &object).await;
    assert_eq!(entry["before"]["cancelPaid"], false, "{entry}");
    assert_eq!(
        (&entry["after"]["timeoutS"], &entry["after"]["cancelPaid"]),
        (&77.into(), &true.into())
    );
    assert!(entry["before"].get("name").is_none(), "what stays is not told: {entry}");
    // Done again, it changes nothing.
    let (entry, _) = entered(&store, &object).await;
    assert_eq!(entry["before"], Value::Null, "{entry}");

    let (entry, _) = entered(&store, "admin aggregator set --name main --requests-per-s 50").await;
    assert_eq!(
        (&entry["before"], &entry["after"]["requestsPerS"]),
        (&json!({"requestsPerS": null}), &50.into()),
        "{entry}"
    );
    let mut told: Vec<&String> = entry["after"].as_object().unwrap().keys().collect();
    told.sort();
    // What was said, and what has changed by it; nothing of how arguments are grouped.
    assert_eq!(told, ["name", "requestsPerS", "requests_per_s"], "{entry}");
    let (entry, token) = entered(&store, "admin token rotate --name main").await;
    assert_eq!(
        (&entry["before"], &entry["after"]["tokenHash"]),
        (&json!({"tokenHash": "***"}), &"***".into()),
        "{entry}"
    );
    let token = token.split_whitespace().last().unwrap();
    assert!(token.len() >= 64 && !entry.to_string().contains(token), "{entry}");
    let (entry, _) =
        entered(&store, &format!("admin aggregator deny --name main --object {V2}")).await;
    assert_eq!(entry["before"]["objectId"], V2.0, "{entry}");

    let add = "admin aggregator callback add --name main --url https://hooks.example.com/a?key=s3cret --json";
    let (entry, added) = entered(&store, add).await;
    assert_eq!(entry["after"]["url"], "https://hooks.example.com/a?key=***", "{entry}");
    let added: Value = serde_json::from_str(&added).unwrap();
    let id = &added["id"];
    let (entry, _) =
        entered(&store, &format!("admin aggregator callback set --id {id} --signature hex")).await;
    assert_eq!(
        (&entry["before"]["signature"], &entry["after"]["signature"]),
        (&"base64".into(), &"hex".into()),
        "{entry}"
    );
    let (entry, _) = entered(&store, &format!("admin aggregator callback off --id {id}")).await;
    assert_eq!((&entry["before"]["open"], &entry["after"]["open"]), (&true.into(), &false.into()));
    let rotate = format!("admin aggregator callback rotate-secret --id {id}");
    let (entry, secret) = entered(&store, &rotate).await;
    assert_eq!(entry["before"]["secret"], "***", "{entry}");
    assert!(!entry.to_string().contains(secret.split_whitespace().last().unwrap()), "{entry}");
    let (entry, _) = entered(&store, &format!("admin aggregator callback remove --id {id}")).await;
    let gone = entry["before"].to_string();
    assert!(gone.contains("https://hooks.example.com/a?key=***"), "{entry}");
    assert!(!gone.contains("s3cret") && gone.contains("\"secret\":\"***\""), "{entry}");

    entered(&store, "admin billmanager user add --login anna --level client").await;
    let (entry, password) = entered(&store, "admin billmanager user password --login anna").await;
    assert_eq!(
        (&entry["before"]["passwordHash"], &entry["after"]["passwordHash"]),
        (&"***".into(), &"***".into()),
        "{entry}"
    );
    let password = password.split_whitespace().last().unwrap();
    assert!(!entry.to_string().contains(password), "{entry}");
    let (entry, _) = entered(&store, "admin billmanager user set --login anna --active off").await;
    assert!(entry.to_string().contains("\"active\":false"), "{entry}");
    let org = "5a1b3c5d7e9f00112233aabb";
    entered(&store, &format!("admin ticketscloud partner add --id {org} --name Seller")).await;
    entered(
        &store,
        &format!(
            "admin ticketscloud event add --id 5a1b3c5d7e9f00112233aabc --org {org} --name Concert"
        ),
    )
    .await;
    let (entry, _) =
        entered(&store, "admin ticketscloud event set --id 5a1b3c5d7e9f00112233aabc --on-sale off")
            .await;
    assert_eq!(
        (&entry["before"]["onSale"], &entry["after"]["onSale"]),
        (&true.into(), &false.into()),
        "{entry}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_what_it_has_changed_on_sqlite() {
    a_command_says_what_it_has_changed(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_what_it_has_changed_on_postgres() {
    a_command_says_what_it_has_changed(Stores::Postgres).await;
}
