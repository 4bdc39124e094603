//! What a request is called, and what of a trace that is none.

use reqwest::Method;

use super::payments::{TRACE, traceparent};
use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::client::Client;
use crate::support::collector::Collector;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::V2;

async fn id_of(client: &Client, method: Method, path: &str, id: Option<&str>) -> String {
    let mut request = client.request(method, path);
    if let Some(id) = id {
        request = request.header("x-request-id", id);
    }
    let response = request.send().await.unwrap();
    let ids: Vec<_> = response.headers().get_all("x-request-id").iter().collect();
    assert_eq!(ids.len(), 1, "{path}: {:?}", response.headers());
    ids[0].to_str().unwrap().to_owned()
}

/// One door of each protocol, what every process answers, and what is not there.
const PLACES: [&str; 12] = [
    "/wsserverlp/api/v2/aggregators/Create",
    "/wsserverlp/api/v2/aggregators/ListenQueue",
    "/till/v1/orders",
    "/v1/resources/orders",
    "/v2/resources/orders",
    "/api/v3/resellers/1/payments",
    "/billmgr?func=logon",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/",
    "/nowhere",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_response_names_its_request() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("ops.listen", "127.0.0.1:0").start().await;
    let operators = app.at(app.ops_url());
    let of_operators =
        ["/healthz", "/metrics", "/ops/v1/tasks", "/ops/v1/openapi.json", "/", "/login", "/none"];
    let all = PLACES.iter().map(|path| (&*app, *path));
    for (client, path) in all.chain(of_operators.iter().map(|path| (&operators, *path))) {
        for method in [Method::GET, Method::POST] {
            let given = id_of(client, method.clone(), path, Some("till-7/42")).await;
            assert_eq!(given, "till-7/42", "{path}");
            let own = id_of(client, method.clone(), path, None).await;
            assert!(own.len() >= 18, "{path}: {own}");
            // What could break a line of a log is replaced.
            let replaced = id_of(client, method, path, Some("a \"b\"")).await;
            assert!(replaced.len() >= 18 && replaced != own, "{path}: {replaced}");
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_traceparent_that_is_none_is_as_good_as_none() {
    let collector = Collector::start().await;
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("otel.endpoint", collector.url()).set("otel.sample_ratio", 1).start().await;
    let order = app.order(V2, "10.00").await;
    let invalid = [
        "nonsense".to_owned(),
        traceparent(true).to_uppercase(),
        format!("{}-x", traceparent(true)),
    ];
    for parent in &invalid {
        let body = Ask::get_order(V2, order).asynchronous().to_string();
        let request = app.post().header("traceparent", parent).body(body);
        assert_eq!(request.send().await.unwrap().status(), 200, "{parent}");
    }
    let servers = || collector.all().into_iter().filter(|span| span.kind == 2).collect::<Vec<_>>();
    eventually("each is recorded", async || servers().len() >= invalid.len()).await;
    for span in servers() {
        assert!(span.trace != TRACE && span.parent.is_empty(), "{span:?}");
    }
    app.finish().await;
}
