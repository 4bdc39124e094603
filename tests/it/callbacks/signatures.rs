//! What is posted, and how its receiver knows that it is ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wsa::callback::signature::{Secret, SignatureForm};

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::receiver::{Post, Receiver, hmac};
use crate::support::reference::*;

/// `v1,<base64>` of a post, by the definition of Standard Webhooks.
fn standard(secret: &Secret, post: &Post) -> String {
    let timestamp = post.header("webhook-timestamp").unwrap();
    let signed = format!("{}.{timestamp}.{}", post.id(), post.body);
    format!("v1,{}", STANDARD.encode(hmac(secret.as_bytes(), signed.as_bytes())))
}

fn plain(secret: &Secret, post: &Post) -> String {
    STANDARD.encode(hmac(secret.as_bytes(), post.body.as_bytes()))
}

fn assert_signed(post: &Post, secret: &Secret) {
    assert_eq!(post.header("signature"), Some(&*plain(secret, post)));
    assert_eq!(post.header("webhook-signature"), Some(&*standard(secret, post)));
    assert_eq!(post.header("signature-next"), None);
    let timestamp: i64 = post.header("webhook-timestamp").unwrap().parse().unwrap();
    assert!((jiff::Timestamp::now().as_second() - timestamp).abs() < 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_a_task_and_the_event_it_caused_are_posted_signed_by_every_installation() {
    for (store, queue) in [(Stores::Sqlite, Queues::InProcess), (Stores::Postgres, Queues::Amqp)] {
        let app = TestApp::on(store, queue).await.set("callbacks.allow_private_addresses", true);
        let app = app.start().await;
        let receiver = Receiver::start().await;
        let (callback, secret) = add(app.store(), &receiver.url()).await;
        let order = app.order(V2, "449.35").await;
        let task = app.pay(V2, order, "449.35").await;
        let posts = receiver.until(2).await;
        posts.iter().for_each(|post| assert_signed(post, &secret));

        let answer = posts.iter().find(|post| post.id() == task.to_string()).unwrap();
        app.answer(task).await;
        assert_eq!(answer.body, app.poll(task, 0).await.text, "byte for byte");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let event = posts.iter().find(|post| post.id() != task.to_string()).unwrap();
        let body: Value = serde_json::from_str(&event.body).unwrap();
        let common = &body["responseEventCommon"];
        assert_eq!(common["eventGuid"], event.id());
        assert_eq!(common["eventType"], "OrderChanged");
        assert_eq!(common["objectId"], V2.0);
        assert_eq!(common["agentGuid"], AGENT.to_string());
        assert_eq!(body["response"]["orderGuid"], order.to_string());

        eventually("both are written down", async || log(app.store(), callback).await.len() == 2)
            .await;
        assert_eq!(listed(app.store(), callback).await.waiting, 0);
        let books = app.finish().await;
        books.assert_paid_once(&[order]);
        assert_eq!(receiver.posts().len(), 2, "each is posted once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_signed_in_hex_when_its_operator_says_so() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, secret) = add(app.store(), &receiver.url()).await;
    assert!(app.store().set_callback_signature(callback, SignatureForm::Hex).await.unwrap());
    put_event(&app.place, callback).await;
    let post = receiver.until(1).await.remove(0);
    let hex = hex::encode(hmac(secret.as_bytes(), post.body.as_bytes()));
    assert_eq!(post.header("signature"), Some(&*hex));
    assert_eq!(post.header("webhook-signature"), Some(&*standard(&secret, &post)));
    app.store().rotate_callback_secret(callback, &Secret::generate(), 60).await.unwrap();
    put_event(&app.place, callback).await;
    let post = receiver.until(2).await.remove(1);
    let hex = hex::encode(hmac(secret.as_bytes(), post.body.as_bytes()));
    assert_eq!(post.header("signature"), Some(&*hex));
    assert_eq!(post.header("signature-next").unwrap().len(), hex.len());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_gets_only_what_it_asked_for_and_only_its_aggregators() {
    let app = app().await.start().await;
    let (answers, events) = (Receiver::start().await, Receiver::start().await);
    add_only(app.store(), &answers.url(), true, false).await;
    add_only(app.store(), &events.url(), false, true).await;
    let order = app.order(V2, "10.00").await;
    let task = app.pay(V2, order, "10.00").await;
    app.answer(task).await;
    let other = app.with_token(OTHER_TOKEN).submit(&Ask::get_order(V2, order)).await;
    app.with_token(OTHER_TOKEN).answer(other).await;
    assert_eq!(answers.until(1).await[0].id(), task.to_string());
    assert!(events.until(1).await[0].body.contains("responseEventCommon"));
    app.finish().await;
    assert_eq!((answers.posts().len(), events.posts().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_posted_in_the_published_form_and_its_order_as_it_was_written() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    let event = put_event(&app.place, callback).await;
    let posts = receiver.until(1).await;
    let json: Value = serde_json::from_str(&posts[0].body).unwrap();
    let at = json["responseEventCommon"]["dateTimeServerReceiveEventFromAgent"].as_str().unwrap();
    assert_eq!(posts[0].body, body(event, at));
    let at: jiff::Timestamp = at.parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(at).as_secs().abs() < 60, "{at}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_secrets_overlap_both_sign_and_afterwards_only_the_new_one() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, old) = add(app.store(), &receiver.url()).await;
    let new = Secret::generate();
    assert!(app.store().rotate_callback_secret(callback, &new, 3600).await.unwrap());
    put_event(&app.place, callback).await;
    let post = receiver.until(1).await.remove(0);
    assert_eq!(post.header("signature"), Some(&*plain(&old, &post)));
    assert_eq!(post.header("signature-next"), Some(&*plain(&new, &post)));
    let both = format!("{} {}", standard(&new, &post), standard(&old, &post));
    assert_eq!(post.header("webhook-signature"), Some(&*both));

    let over = format!("UPDATE mailboxes SET old_secret_until = {}", app.place.moment(-1));
    app.place.execute(&format!("{over} WHERE old_secret IS NOT NULL")).await.unwrap();
    put_event(&app.place, callback).await;
    assert_signed(&receiver.until(2).await[1], &new);

    app.store().forget_deliveries(3600, 10).await.unwrap();
    let kept = "SELECT count(*) FROM mailboxes WHERE old_secret IS NOT NULL";
    assert_eq!(app.place.number(kept).await, 0, "an old secret is not kept for nothing");
    assert!(app.store().rotate_callback_secret(callback, &old, 0).await.unwrap());
    put_event(&app.place, callback).await;
    assert_signed(&receiver.until(3).await[2], &old);
    app.finish().await;
}
