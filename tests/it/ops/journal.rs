//! The journal: what was done, and that nobody changes it.

use serde_json::Value;
use wsa::ops::access::Role;

use super::{Ops, add, on};
use crate::support::place::Stores;

async fn the_journal_says_what_was_done_and_is_read_in_pages(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    for role in [Role::Operator, Role::Finance, Role::Admin] {
        add(app.store(), role).await;
    }
    let all = ops.get("/ops/v1/journal").await.ok();
    let subjects = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|entry| entry["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&all), ["admin", "finance", "operator", "viewer"]);
    let entry = &all["items"][0];
    assert_eq!(
        (&entry["who"], &entry["via"], &entry["action"], &entry["after"]["role"]),
        (&"setup".into(), &"cli".into(), &"operator.add".into(), &"admin".into())
    );
    for (filter, expected) in [
        ("subject=finance", &["finance"][..]),
        ("who=nobody", &[]),
        ("who=setup&subject=viewer", &["viewer"]),
        ("action=operator.add", &["admin", "finance", "operator", "viewer"]),
        ("to=1980-01-01T00:00:00Z", &[]),
    ] {
        let page = ops.get(&format!("/ops/v1/journal?{filter}")).await.ok();
        assert_eq!(subjects(&page), expected, "{filter}");
        assert_eq!(page["next"], Value::Null, "{filter}");
    }
    let first = ops.get("/ops/v1/journal?limit=3").await.ok();
    assert_eq!(subjects(&first), ["admin", "finance", "operator"]);
    let next = first["next"].as_str().unwrap();
    let second = ops.get(&format!("/ops/v1/journal?limit=3&cursor={next}")).await.ok();
    assert_eq!((subjects(&second), &second["next"]), (vec!["viewer".to_owned()], &Value::Null));
    app.finish().await;
}

async fn the_database_refuses_changing_the_journal(kind: Stores) {
    let app = on(kind).await;
    add(app.store(), Role::Viewer).await;
    let mut changes = vec!["UPDATE journal SET who = 'me'", "DELETE FROM journal"];
    if kind == Stores::Postgres {
        changes.push("TRUNCATE journal");
    }
    for change in changes {
        let error = app.place.execute(change).await.unwrap_err().to_string();
        assert!(error.contains("the journal is only added to"), "{change}: {error}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_says_what_was_done_and_is_read_in_pages_on_sqlite() {
    the_journal_says_what_was_done_and_is_read_in_pages(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_says_what_was_done_and_is_read_in_pages_on_postgres() {
    the_journal_says_what_was_done_and_is_read_in_pages(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_changing_the_journal_on_sqlite() {
    the_database_refuses_changing_the_journal(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_changing_the_journal_on_postgres() {
    the_database_refuses_changing_the_journal(Stores::Postgres).await;
}
