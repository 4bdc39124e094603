//! The documents, served.

use serde_json::Value;
use wsa::boot::Role;
use wsa::contracts::{self, PREFIX};
use wsa::http::page::DOCS;
use wsa::ops::contract;

use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_served_to_everybody() {
    let app = TestApp::embedded().await;
    let documents = contracts::documents(&wsa::protocols::ALL, PREFIX);
    // That of operators is served to operators, on their listener.
    for (path, text) in documents.into_iter().filter(|(path, _)| path != contract::OPS) {
        let reply = app.get(&format!("/{path}")).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.text), (200, text), "{path}");
    }
    assert_eq!(app.get("/schemas/Nothing.json").await.unwrap().status, 404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_nothing_from_elsewhere() {
    let app = TestApp::embedded().await;
    let page = app.get(DOCS).await.unwrap().text;
    assert!(!page.contains("//"), "{page}");
    let loaded: Vec<&str> = page
        .split(['"', '\''])
        .filter(|text| text.ends_with(".css") || text.ends_with(".js") || text.ends_with(".json"))
        .collect();
    assert_eq!(loaded.len(), 3, "{loaded:?}");
    for path in loaded {
        let reply = app.get(&format!("/{path}")).await.unwrap();
        assert!(reply.status == 200 && reply.text.len() > 1000, "{path}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_serves_none_and_a_prefix_is_told() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    let document: Value = app.get("/asyncapi.json").await.unwrap().json();
    let prefix = &app.prefix.as_ref().unwrap().0;
    assert_eq!(document["channels"]["tasks"]["address"], format!("{prefix}.tasks"));
    app.finish().await;

    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Worker).start().await;
    for path in ["/openapi.json", DOCS] {
        assert_eq!(app.get(path).await.unwrap().status, 404);
    }
    app.finish().await;
}
