//! Tasks that begin later, and tasks that are cancelled.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::reference::*;

fn ahead(ms: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_millis(ms)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_carried_out_at_its_time_unless_it_is_cancelled_before() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let pay = Ask::pay(V1, order, &[("4.00", CASH)]);
    let at = ahead(1_500);
    let soon = app.submit(&pay.clone().not_before(at)).await;
    let tomorrow = app.submit(&pay.clone().not_before(ahead(86_400_000))).await;
    for open in [soon, tomorrow] {
        assert_eq!(code(&app.poll(open, 0).await.json()), "TaskInProgress");
    }
    let cancelled = app.ask(&Ask::cancel_task(V1, tomorrow)).await;
    assert_eq!(cancelled["taskResponse"], json!({"status": "Ok"}), "{cancelled}");
    assert_eq!(code(&app.poll(tomorrow, 0).await.json()), "TaskCancelled");
    assert_eq!(code(&app.ask(&Ask::cancel_task(V1, tomorrow)).await), "WsaTaskAnswered");

    assert_eq!(code(&app.poll(soon, 20).await.json()), "done");
    assert!(Timestamp::now() >= at, "it was carried out before its time");

    let submit = async |target: &str, not_before: serde_json::Value| {
        let mut body = pay.asynchronous();
        let of = body["params"]["async"].take();
        body["params"].as_object_mut().unwrap().remove("async");
        body["params"][target] = of;
        body["params"][target]["notBefore"] = not_before;
        let told = app.create(&body).await.json();
        assert_eq!(code(&told), "BadRequest", "{told}");
        told["error"]["wsError"]["desc"].as_str().unwrap().to_owned()
    };
    let told = submit("async", json!(ahead(8 * 86_400_000))).await;
    assert!(
        told.contains("params.async.notBefore is ") && told.contains("at most 7 days"),
        "{told}"
    );
    let told = submit("sync", json!(at)).await;
    assert!(told.starts_with("params.sync.notBefore: "), "{told}");
    let books = app.finish().await;
    assert_eq!(books.payments.len(), 1);
}
