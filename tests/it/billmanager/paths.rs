//! Where the API is: at the paths of the setting, and nowhere else.

use reqwest::Method;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn app(paths: &'static str) -> TestApp {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("billmanager.paths", paths).start().await;
    seed(app.store()).await;
    app
}

/// What `whoami` answers at a path, in JSON.
async fn who(app: &TestApp, path: &str) -> Answer {
    let form = app.request(Method::POST, path);
    let form = form.header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    send(form.body(body_of(ANNA, "whoami", &[]))).await
}

/// What a GET that names no function is answered.
async fn opened(app: &TestApp, path: &str) -> (u16, String) {
    let request = app.request(Method::GET, path).header("Accept", "text/html");
    let answer = send(request).await;
    (answer.status.as_u16(), answer.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_at_each_path_of_the_setting_with_and_without_a_slash() {
    let every = app("/, /billmgr, /manager/billmgr").await;
    for (path, binary) in [
        ("/", "/"),
        ("/billmgr", "/billmgr"),
        ("/billmgr/", "/billmgr"),
        ("/manager/billmgr", "/manager/billmgr"),
        ("/manager/billmgr/", "/manager/billmgr"),
    ] {
        let doc = who(&every, path).await.doc();
        assert_eq!((&doc["user"]["$name"], &doc["$binary"]), (&ANNA.into(), &binary.into()));
        let query = format!("{path}?{}", body_of(ANNA, "whoami", &[]));
        let doc = send(every.request(Method::GET, &query)).await.doc();
        assert_eq!(doc["user"]["$name"], ANNA, "{path}");
    }
    // A form without a function is one of BILLmanager's at each of them.
    let form = every.request(Method::POST, "/").body("out=json");
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(send(form).await.error(), "missed func");

    // Who opens the root, and whoever sends something else there, is answered as without the setting.
    let without = app("/billmgr").await;
    for path in ["/", "/?lang=ru", "/?func=&x=1"] {
        let (status, text) = opened(&every, path).await;
        assert_eq!((status, text.clone()), opened(&without, path).await, "{path}");
        match path {
            "/" => assert!(status == 200 && text.contains("docs"), "it leads people on: {text}"),
            _ => assert!(status == 404 && text.contains("wsError"), "{text}"),
        }
    }
    let json = || [("Content-Type", "application/json")];
    for method in [Method::POST, Method::PUT, Method::HEAD] {
        let sent = async |app: &TestApp| {
            let request =
                json().iter().fold(app.request(method.clone(), "/"), |r, (n, v)| r.header(*n, *v));
            let answer = send(request.body("{}")).await;
            (answer.status, answer.text)
        };
        assert_eq!(sent(&every).await, sent(&without).await, "{method}");
    }
    // Other protocols are where they were.
    for path in ["/v1/resources/orders", "/api/v3/payments", "/healthz", "/docs", "/x"] {
        assert_eq!(opened(&every, path).await, opened(&without, path).await, "{path}");
    }

    // Where it is not, and below where it is, the answer has BILLmanager's form.
    for path in ["/manager/billmgr", "/manager/billmgr/", "/billmgr/x", "//billmgr", "/billmgr//"] {
        let answer = send(without.request(Method::GET, &format!("{path}?out=json"))).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.doc()["error"]["$object"], "path", "{path}");
    }
    assert_eq!(who(&without, "/billmgr/").await.doc()["user"]["$name"], ANNA);
    every.finish().await;
    without.finish().await;
}
