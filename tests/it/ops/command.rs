//! The command line of operators: what it changes stands in the journal.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;
use wsa::ops::access::Role;
use wsa::ops::journal::{JournalQuery, entries};

use crate::support::place::Stores;
use crate::support::reference::V2;
use crate::support::stores::TestStore;

async fn wsa(store: &TestStore, arguments: &[&str]) -> Output {
    let (_, directory) = store.place.settings();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(arguments).args(["--data-dir", &directory]).output().await.unwrap()
}

async fn journal(store: &TestStore) -> Vec<Value> {
    let entries = entries(store, &JournalQuery::default()).await.unwrap().items;
    entries.iter().map(|entry| serde_json::to_value(entry).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_every_change_is_entered() {
    let store = TestStore::fresh(Stores::Sqlite).await;
    let before = journal(&store).await.len();
    let operator = ["admin", "operator"];
    let run = async |arguments: &[&str]| {
        let done = wsa(&store, &[&operator[..], arguments].concat()).await;
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let added = run(&["add", "--name", "anna", "--role", "finance", "--json"]).await;
    let added: Value = serde_json::from_str(&added).unwrap();
    let token = added["token"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    run(&["set", "--name", "anna", "--role", "viewer", "--reason", "she leaves finance"]).await;
    run(&["rotate", "--name", "anna"]).await;
    run(&["disable", "--name", "anna"]).await;
    let listed: Value = serde_json::from_str(&run(&["list", "--json"]).await).unwrap();
    assert_eq!((&listed["name"], &listed["role"]), (&"anna".into(), &"viewer".into()));
    assert!(listed["disabledAt"].is_string() && !listed.to_string().contains(token));

    let entries = journal(&store).await;
    let actions: Vec<_> =
        entries.iter().rev().skip(before).map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected = ["operator.add", "operator.set", "operator.rotate", "operator.disable"];
    assert_eq!(actions, expected);
    let set = &entries[2];
    assert_eq!((&set["reason"], &set["via"]), (&"she leaves finance".into(), &"cli".into()));
    assert_eq!(
        (&set["before"]["role"], &set["after"]["role"]),
        (&"finance".into(), &"viewer".into())
    );
    assert!(!set["who"].as_str().unwrap().is_empty());

    let again = wsa(&store, &["admin", "operator", "rotate", "--name", "nobody"]).await;
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(journal(&store).await.len(), entries.len(), "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commands_of_protocols_change_is_entered_without_secrets() {
    let store = TestStore::fresh(Stores::Sqlite).await;
    let before = journal(&store).await.len();
    let why = ["--reason", "a new restaurant's aggregator"];
    let add = ["admin", "aggregator", "add", "--name", "late"];
    let added = wsa(&store, &[&add[..], &why].concat()).await;
    assert!(added.status.success(), "{added:?}");
    let rotated = wsa(&store, &["admin", "token", "rotate", "--name", "late"]).await;
    assert!(rotated.status.success(), "{rotated:?}");
    let listed = wsa(&store, &["admin", "aggregator", "list"]).await;
    assert!(listed.status.success(), "{listed:?}");
    let entries = journal(&store).await;
    assert_eq!(entries.len(), before + 2, "a list changes nothing: {entries:#?}");
    let added = &entries[1];
    assert_eq!(
        (&added["action"], &added["subject"], &added["reason"], &added["after"]["name"]),
        (&"admin aggregator add".into(), &"late".into(), &why[1].into(), &"late".into())
    );
    assert_eq!(entries[0]["action"], "admin token rotate");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_pagers_and_programs_are_told_of_the_commands() {
    let run = async |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_wsa")).args(arguments).output().await.unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    for (shell, word) in
        [("bash", "complete"), ("zsh", "#compdef wsa"), ("fish", "complete -c wsa")]
    {
        let script = run(&["completions", shell]).await;
        assert!(script.contains(word) && script.contains("operator"), "{shell}");
    }
    let directory = tempfile::tempdir().unwrap();
    run(&["man", "--out", directory.path().to_str().unwrap()]).await;
    for page in ["wsa.1", "wsa-task-show.1", "wsa-admin-operator-add.1"] {
        let text = std::fs::read_to_string(directory.path().join(page)).unwrap();
        assert!(text.starts_with(".ie") || text.contains(".TH"), "{page}: {text}");
    }
    let version: Value = serde_json::from_str(&run(&["version", "--json"]).await).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["schema"].as_i64().unwrap() >= 32 && version["build"].is_string());
}

async fn over(app: &crate::support::app::TestApp, token: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    let url = app.ops_url();
    command.args(arguments).args(["--ops", &url]).env("WSA_OPS_TOKEN", token);
    command.output().await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_enough_where_the_database_is_not_there() {
    let app = super::app().await;
    let order = app.order(V2, "10.00").await;
    let guid = app.pay(V2, order, "10.00").await;
    app.answer(guid).await;
    let (viewer, admin) =
        (super::add(app.store(), Role::Viewer).await, super::add(app.store(), Role::Admin).await);
    for arguments in [
        vec!["task".to_owned(), "list".into()],
        vec!["task".into(), "list".into(), "--state".into(), "done".into(), "--json".into()],
        vec!["task".into(), "show".into(), guid.to_string()],
        vec!["order".into(), "show".into(), order.to_string()],
        vec!["order".into(), "show".into(), order.to_string(), "--json".into()],
    ] {
        let arguments: Vec<&str> = arguments.iter().map(|word| &**word).collect();
        let shown = over(&app, &viewer, &arguments).await;
        assert!(shown.status.success(), "{arguments:?} {shown:?}");
        let of = if arguments[0] == "order" { order.to_string() } else { guid.to_string() };
        assert!(text(&shown.stdout).contains(&of), "{arguments:?} {shown:?}");
    }
    let letters = over(&app, &viewer, &["dead", "list"]).await;
    assert!(letters.status.success(), "{letters:?}");
    let all = ["dead", "replay", "--all", "--why", "a test"];
    assert!(text(&over(&app, &viewer, &all).await.stdout).starts_with("0 letters match"));

    let add = ["admin", "object", "list", "--json", "--reason", "a look"];
    let refused = over(&app, &viewer, &add).await;
    assert!(text(&refused.stderr).contains("needs the role admin"), "{refused:?}");
    let listed = over(&app, &admin, &add).await;
    assert!(text(&listed.stdout).contains(&V2.to_string()), "{listed:?}");
    let before = journal_of(&app).await.len();
    let add = ["admin", "aggregator", "add", "--name", "far", "--reason", "a new partner"];
    let added = over(&app, &admin, &add).await;
    assert!(added.status.success() && text(&added.stdout).len() > 64, "{added:?}");
    let journal = journal_of(&app).await;
    assert_eq!(journal.len(), before + 1);
    let entry = serde_json::to_value(&journal[0]).unwrap();
    assert_eq!(
        (&entry["who"], &entry["action"], &entry["subject"], &entry["reason"]),
        (&"admin".into(), &"admin aggregator add".into(), &"far".into(), &"a new partner".into())
    );
    for (words, said) in [
        (
            vec!["admin", "catalogue", "load", "--object", "199990246", "/etc/passwd"],
            "your own machine",
        ),
        (vec!["admin", "object", "list", "--data-dir", "/tmp"], "your own machine"),
        (vec!["admin", "nothing"], "nothing"),
    ] {
        let refused = over(&app, &admin, &[&words[..], &["--reason", "a test"]].concat()).await;
        assert_ne!(refused.status.code(), Some(0), "{refused:?}");
        assert!(text(&refused.stderr).contains(said), "{words:?} {refused:?}");
    }
    let unsaid = over(&app, &admin, &["admin", "object", "list"]).await;
    assert!(text(&unsaid.stderr).contains("--reason is missing: say why"), "{unsaid:?}");
    let nobody = over(&app, "0", &["task", "list"]).await;
    assert!(text(&nobody.stderr).contains("unknown token"), "{nobody:?}");
    app.finish().await;
}

async fn journal_of(app: &crate::support::app::TestApp) -> Vec<wsa::ops::journal::JournalEntry> {
    entries(app.store(), &JournalQuery::default()).await.unwrap().items
}
