//! Callbacks: a receiver gets what is posted again, signed with the secret of now; and who sees which part of a URL.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use wsa::ops::access::Role;

use super::Ops;
use crate::support::app::TestApp;
use crate::support::receiver::{Post, Receiver, hmac};
use crate::support::reference::V2;
use crate::support::{callbacks, eventually};

/// Whether a post is signed with this secret, by the definition of Standard Webhooks.
fn is_signed(post: &Post, secret: &str) -> bool {
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed =
        format!("{}.{}.{}", post.id(), post.header("webhook-timestamp").unwrap(), post.body);
    let signature = format!("v1,{}", BASE64_STANDARD.encode(hmac(&key, signed.as_bytes())));
    post.header("webhook-signature").unwrap().split(' ').any(|one| one == signature)
}

async fn app() -> TestApp {
    callbacks::app().await.set("ops.listen", "127.0.0.1:0").start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_is_posted_once_more_and_signed_with_the_secret_of_now() {
    let app = app().await;
    let ops = Ops::with(&app, Role::Admin).await;
    let receiver = Receiver::start().await;
    let (callback, first) = callbacks::add(app.store(), &receiver.url()).await;
    let order = app.order(V2, "10").await;
    let task = app.pay(V2, order, "10").await;
    let posts = receiver.until(2).await;
    let answer = posts.iter().find(|post| post.body.contains(&task.to_string())).unwrap().clone();
    assert!(is_signed(&answer, &first.reveal()));

    let path = |what: &str| format!("/ops/v1/callbacks/{}/{what}", callback.0);
    let filter = format!("?subject={task}");
    // What was posted leaves the callback a moment after its receiver has it.
    let counted = path(&format!("replayable{filter}"));
    let has_left = async || {
        let left = async || ops.get(&counted).await.ok()["total"] == 1;
        eventually("what was posted has left the callback", left).await;
    };
    has_left().await;
    let replay = |expected: u64| json!({"reason": "the receiver lost it", "expected": expected});
    let replayed = path(&format!("replay{filter}"));
    ops.post(&replayed, replay(2)).await.refused(409);
    assert_eq!(ops.post(&replayed, replay(1)).await.ok()["answers"], 1);
    let again = receiver.until(3).await.pop().unwrap();
    assert_eq!((again.id(), &again.body), (answer.id(), &answer.body), "the same, once more");
    assert!(is_signed(&again, &first.reveal()));

    // From now on the new secret signs, and the old one at once no more.
    let body = json!({"reason": "a leak", "overlapHours": 0});
    let rotated = ops.post(&path("rotate-secret"), body).await.ok();
    let second = rotated["secret"].as_str().unwrap().to_owned();
    has_left().await;
    ops.post(&replayed, replay(1)).await.ok();
    let post = receiver.until(4).await.pop().unwrap();
    assert!(is_signed(&post, &second) && !is_signed(&post, &first.reveal()), "{post:?}");
    // With an overlap both do.
    let body = json!({"reason": "a rotation", "overlapHours": 1});
    let rotated = ops.post(&path("rotate-secret"), body).await.ok();
    has_left().await;
    ops.post(&replayed, replay(1)).await.ok();
    let post = receiver.until(5).await.pop().unwrap();
    let third = rotated["secret"].as_str().unwrap();
    assert!(is_signed(&post, third) && is_signed(&post, &second), "{post:?}");
    assert!(!is_signed(&post, &first.reveal()));
    for (hours, said) in [(-1, "overlapHours: -1"), (721, "overlapHours: 721")] {
        let body = json!({"reason": "a test", "overlapHours": hours});
        assert!(ops.post(&path("rotate-secret"), body).await.refused(400).contains(said));
    }
    let journal = ops.get("/ops/v1/journal").await.ok().to_string();
    for secret in [&first.reveal(), &second, third] {
        assert!(!journal.contains(secret.trim_start_matches("whsec_")), "{journal}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_secret_in_a_url_is_seen_by_finance_alone() {
    let app = app().await;
    let receiver = Receiver::start().await;
    let url = format!("{}&token=s3cret", receiver.url());
    let (callback, _) = callbacks::add(app.store(), &url).await;
    let order = app.order(V2, "10").await;
    let task = app.pay(V2, order, "10").await;
    receiver.until(2).await;
    let ids = callback.0;
    let mut all = Vec::new();
    for role in Role::ALL {
        all.push((*role, Ops::with(&app, *role).await));
    }
    for (role, ops) in &all {
        for path in ["callbacks".to_owned(), format!("callbacks/{ids}/attempts")] {
            let shown = ops.get(&format!("/ops/v1/{path}")).await.ok().to_string();
            let whole = shown.contains("key=1&token=s3cret");
            assert_eq!(whole, *role >= Role::Finance, "{role} {path}: {shown}");
            assert!(whole || shown.contains("/hook?key=***&token=***"), "{shown}");
        }
        // Beside a task it is masked for everybody, until somebody reveals it.
        let shown = ops.get(&format!("/ops/v1/tasks/{task}")).await.ok();
        assert!(shown["attempts"][0]["url"].as_str().unwrap().ends_with("token=***"), "{shown}");
        assert!(!shown.to_string().contains("s3cret"), "{shown}");
    }
    let why = json!({"reason": "a look"});
    let revealed = all[2].1.post(&format!("/ops/v1/tasks/{task}/reveal"), why).await.ok();
    let timeline = revealed["timeline"].as_array().unwrap();
    let posted =
        |step: &Value| step["what"] == "posted" && step["detail"].to_string().contains("s3cret");
    assert!(timeline.iter().any(posted), "{revealed}");
    app.finish().await;
}
