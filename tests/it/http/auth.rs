//! Who may call, and for which objects.

use wsa::domain::task::{OrderGuid, TaskGuid};
use wsa::domain::token::TokenHash;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, read};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

const HEADER: &str = "AggregatorAuthentication";

fn body() -> String {
    Ask::get_order(V2, OrderGuid::new()).asynchronous().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_must_be_there_once_and_somebodys() {
    let app = TestApp::embedded().await;
    let bare = || {
        app.request(reqwest::Method::POST, wsa::protocols::whiteserver::http::CREATE).body(body())
    };
    let none = read(bare()).await.unwrap();
    insta::assert_snapshot!(none.shown(), @r#"200 {"error":{"wsError":{"code":"AuthFailed","desc":"the header AggregatorAuthentication must be there once, with your token"}}}"#);
    let two = read(bare().header(HEADER, TOKEN).header(HEADER, TOKEN)).await.unwrap();
    assert_eq!(two.text, none.text);

    for empty in ["", "   ", "Token ", "Token"] {
        let reply = read(bare().header(HEADER, empty)).await.unwrap();
        assert_eq!(code(&reply.json()), "AuthFailed", "{empty:?}");
    }
    let wrong = app.with_token(&format!("{TOKEN}x")).create_text(&body()).await;
    insta::assert_snapshot!(wrong.shown(), @r#"200 {"error":{"wsError":{"code":"AuthFailed","desc":"unknown token in the header AggregatorAuthentication"}}}"#);
    let not_text = reqwest::header::HeaderValue::from_bytes(b"\xff\xfe").unwrap();
    let reply = read(bare().header(HEADER, not_text)).await.unwrap();
    assert_eq!(code(&reply.json()), "AuthFailed");
    let hash = hex::encode(TokenHash::of(TOKEN).0);
    let reply = app.with_token(&hash).create_text(&body()).await;
    assert_eq!(code(&reply.json()), "AuthFailed", "what the store keeps is no token");
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_stand_alone_or_after_the_word_token() {
    let app = TestApp::embedded().await;
    for given in [TOKEN.to_owned(), format!("Token {TOKEN}"), format!("  Token   {TOKEN} ")] {
        let reply = app.with_token(&given).create_text(&body()).await;
        assert!(reply.accepted().is_some(), "{given:?}: {reply:?}");
    }
    let reply = app.with_token(&format!("Bearer {TOKEN}")).create_text(&body()).await;
    assert_eq!(code(&reply.json()), "AuthFailed");
    assert_eq!(app.finish().await.tasks.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_is_wrong_from_that_moment() {
    for (stores, queues) in [(Stores::Sqlite, Queues::InProcess), (Stores::Postgres, Queues::Amqp)]
    {
        let app = TestApp::on(stores, queues).await.start().await;
        let keyed = |client: &Client| {
            let request = client.post().header("Idempotency-Key", "breakfast").body(body());
            async move { code(&read(request).await.unwrap().json()).to_owned() }
        };
        // Who was here a moment ago is remembered, and polls and hands in by one statement each.
        let guid = app.create_text(&body()).await.accepted().unwrap();
        assert_ne!(keyed(&app).await, "AuthFailed");
        app.answer(guid).await;
        app.store().rotate_token("main", TokenHash::of("new")).await.unwrap();

        let refused = async |text: &str| code(&app.create_text(text).await.json()).to_owned();
        assert_eq!(refused(&body()).await, "AuthFailed");
        assert_eq!(app.poll(guid, 0).await.json(), app.poll(TaskGuid::new(), 0).await.json());
        assert_eq!(code(&app.poll(guid, 0).await.json()), "AuthFailed");
        assert_eq!(code(&app.poll(guid, 1).await.json()), "AuthFailed");
        assert_eq!(keyed(&app).await, "AuthFailed", "though it has a task of this key");
        assert_eq!(refused("{}").await, "AuthFailed", "not what is wrong with the request");

        let new = app.with_token("new");
        assert!(new.create_text(&body()).await.accepted().is_some());
        assert_eq!(app.finish().await.tasks.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_a_licence_and_an_unknown_one_look_the_same() {
    let app = TestApp::embedded().await;
    for waits in [false, true] {
        let reply = async |object| {
            let ask = Ask::get_order(object, OrderGuid::new());
            let body = if waits { ask.synchronous() } else { ask.asynchronous() };
            app.create(&body).await.shown()
        };
        let unlicensed = reply(UNLICENSED).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(unlicensed, @r#"200 {"responseCommon":{"taskType":"GetOrder","objectId":199990248},"error":{"wsError":{"code":"License","extCode":"WsAggregator","desc":"you have no licence for object 199990248"}}}"#);
        }
        let unknown = reply(UNKNOWN).await;
        let other_number = unknown.replace(r#""objectId":7}"#, r#""objectId":199990248}"#);
        assert_eq!(other_number.replace("object 7\"", "object 199990248\""), unlicensed);
    }
    assert!(app.finish().await.tasks.is_empty());
}
