//! What the forms of the console do, for whom, and what the journal says of it.

use serde_json::json;
use wsa::domain::dead_letter::DeadLetter;
use wsa::domain::task::{OrderGuid, TaskKey};
use wsa::ops::access::Role;
use wsa::ops::journal::{JournalEntry, JournalQuery, entries};

use super::*;
use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::{callbacks, eventually};

/// The newest entry of the journal.
async fn newest(app: &TestApp) -> JournalEntry {
    let query = JournalQuery { limit: Some(1), ..JournalQuery::default() };
    entries(app.store(), &query).await.unwrap().items.remove(0)
}

/// A form that is sent by somebody of a lower role, by another site, without a reason, and rightly. Gives the answer to
/// the last.
async fn guarded(
    app: &TestApp,
    (below, right): (&str, &str),
    path: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> reqwest::Response {
    let before = newest(app).await.id;
    let with = |reason: &'static str| -> Vec<(&str, &str)> {
        fields.iter().copied().chain([("reason", reason)]).collect()
    };
    let refused = post(app, path, Some(below), &with("because")).await;
    assert_eq!(refused.status(), 403, "{path}");
    assert!(refused.text().await.unwrap().contains("this needs the role"), "{path}");
    let foreign = ask(app, Method::POST, path)
        .header("Cookie", right)
        .header("Origin", "https://evil.example.com")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(with("x")).finish(),
        );
    assert_eq!(foreign.send().await.unwrap().status(), 403, "{path}");
    let silent = post(app, path, Some(right), &with(" ")).await;
    assert_eq!(silent.status(), 400, "{path}");
    assert!(silent.text().await.unwrap().contains("reason: say why"), "{path}");
    let nobody = post(app, path, None, &with("because")).await;
    assert_eq!(nobody.status(), 303, "{path}");
    assert!(nobody.headers()["location"].to_str().unwrap().starts_with("/login"), "{path}");
    assert_eq!(newest(app).await.id, before, "{path}: nothing was done");

    let done = post(app, path, Some(right), &with("because of a test")).await;
    assert!(done.status() == 303 || done.status() == 200, "{path}: {}", done.status());
    let entry = newest(app).await;
    assert_eq!((entry.action.as_str(), entry.via.as_str()), (action, "console"), "{path}");
    assert_eq!(entry.reason.as_deref(), Some("because of a test"), "{path}");
    done
}

fn location(answer: &reqwest::Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_needs_its_role_and_a_reason_and_is_entered_in_the_journal() {
    let app = installation(Stores::Sqlite).await.start().await;
    let mut cookies = Vec::new();
    for (name, role) in
        [("v", Role::Viewer), ("o", Role::Operator), ("f", Role::Finance), ("a", Role::Admin)]
    {
        cookies.push(log_in(&app, &operator(&app, name, role).await).await);
    }
    let [viewer, operator, finance, admin] = [0, 1, 2, 3].map(|place| &*cookies[place]);
    let object = V2.0.to_string();

    let done =
        guarded(&app, (viewer, operator), "/objects/pause", &[("object", &object)], "object.pause")
            .await;
    assert_eq!(location(&done), "/objects?done=paused");
    let (_, html) = page(&app, "/objects?done=paused", viewer).await;
    assert!(html.contains("because of a test") && html.contains("The object is paused"), "{html}");
    let order = app.order(V2, "10").await;
    let waits = app.pay(V2, order, "10").await;
    let (_, html) = page(&app, &format!("/tasks/{waits}"), operator).await;
    assert!(
        html.contains("Its object is paused since") && html.contains("Cancel the task"),
        "{html}"
    );
    let path = format!("/tasks/{waits}/cancel");
    let done = guarded(&app, (viewer, operator), &path, &[], "task.cancel").await;
    assert_eq!(location(&done), format!("/tasks/{waits}?done=cancelled"));
    assert_eq!(post(&app, &path, Some(operator), &[("reason", "again")]).await.status(), 409);
    guarded(&app, (viewer, operator), "/objects/resume", &[("object", &object)], "object.resume")
        .await;

    // Personal data is masked until somebody reveals it, who stands in the journal before he sees it.
    let content = json!({"comment": "for +7 900 000-00-00", "price": {"total": 10}});
    let made = app.submit(&Ask::create_order(V2, content)).await;
    app.answer(made).await;
    for cookie in [viewer, admin] {
        let (_, html) = page(&app, &format!("/tasks/{made}"), cookie).await;
        assert!(html.contains("***") && !html.contains("900 000"), "{html}");
    }
    let path = format!("/tasks/{made}/reveal");
    let shown = guarded(&app, (operator, finance), &path, &[], "task.reveal").await;
    assert_eq!(shown.headers()["cache-control"], "no-store");
    assert!(shown.text().await.unwrap().contains("900 000"));
    assert!(
        !page(&app, &format!("/tasks/{made}"), finance).await.1.contains("900 000"),
        "this once"
    );

    let (callback, _) = callbacks::add(app.store(), "http://192.0.2.1/hook").await;
    let id = callback.0.to_string();
    let path = format!("/callbacks/{id}/switch");
    guarded(&app, (viewer, operator), &path, &[("open", "0")], "callback.off").await;
    assert!(!callbacks::listed(app.store(), callback).await.open);
    guarded(&app, (viewer, operator), &path, &[("open", "1")], "callback.on").await;
    let path = format!("/callbacks/{id}/rotate");
    let secret = guarded(&app, (finance, admin), &path, &[], "callback.rotate-secret").await;
    assert!(secret.text().await.unwrap().contains("shown this once"));
    let (_, html) = page(&app, &format!("/callbacks/{id}?count=1"), operator).await;
    assert!(
        html.contains("2 answers and 1 events match") || html.contains("answers and"),
        "{html}"
    );

    let path = "/callers/main/withdraw";
    guarded(&app, (operator, finance), path, &[("object", &object)], "caller.withdraw-licence")
        .await;
    guarded(&app, (finance, admin), "/callers/main/rotate", &[], "caller.rotate-token").await;
    let done = guarded(&app, (viewer, operator), "/audit", &[], "audit.run").await;
    assert_eq!(location(&done), "/audit?done=audit");
    eventually("the audit has ended", async || {
        page(&app, "/audit", viewer).await.1.contains("sound")
    })
    .await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_replayed_when_they_are_chosen_or_counted() {
    let app = installation(Stores::Sqlite).await.start().await;
    let viewer = log_in(&app, &operator(&app, "v", Role::Viewer).await).await;
    let cookie = log_in(&app, &operator(&app, "o", Role::Operator).await).await;
    let object = V2.0.to_string();
    let paused = [("object", &*object), ("reason", "a test")];
    assert_eq!(post(&app, "/objects/pause", Some(&cookie), &paused).await.status(), 303);
    let open = app.pay(V2, OrderGuid::new(), "10").await;
    let answered = app.pay(V1, OrderGuid::new(), "10").await;
    app.answer(answered).await;
    for (object, guid, reason) in [
        (V2, open, "it could not be settled"),
        (V2, open, "its body <b>is</b> no JSON"),
        (V1, answered, "it came too often"),
    ] {
        let key = TaskKey { object, guid };
        app.store().keep_dead(vec![DeadLetter::of_task(key, reason)]).await.unwrap();
    }
    let (_, html) = page(&app, "/dead", &cookie).await;
    assert!(html.contains("its body &lt;b&gt;is&lt;/b&gt; no JSON"), "{html}");
    let mut ids =
        html.split("name=\"id\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let (of_answered, id) = (ids.next().unwrap(), ids.next().unwrap());
    let (_, seen) = page(&app, "/dead", &viewer).await;
    assert!(!seen.contains("Replay the chosen"), "a viewer may not");
    let fields = [("id", id)];
    let done =
        guarded(&app, (&viewer, &cookie), "/dead/replay-chosen", &fields, "letter.replay").await;
    assert!(done.text().await.unwrap().contains("its task is open and goes to the workers again"));
    // A task that has its answer keeps it, and nothing is entered, as nothing is done.
    let both = [("id", of_answered), ("id", id), ("reason", "both")];
    let told = post(&app, "/dead/replay-chosen", Some(&cookie), &both).await.text().await.unwrap();
    assert!(
        told.contains("its task is already answered (refused)") && told.contains("2 replayed"),
        "{told}"
    );

    let (_, html) = page(&app, "/dead?like=JSON&count=1", &cookie).await;
    assert!(html.contains("1 letters match"), "{html}");
    let wrong = [("like", "JSON"), ("expected", "2"), ("reason", "because")];
    let refused = post(&app, "/dead/replay", Some(&cookie), &wrong).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("1 letters match now, not 2"));
    let fields = [("like", "JSON"), ("expected", "1")];
    guarded(&app, (&viewer, &cookie), "/dead/replay", &fields, "letter.replay").await;
    assert_eq!(post(&app, "/objects/resume", Some(&cookie), &paused).await.status(), 303);
    app.finish().await;
}
