//! Who may do what.

use reqwest::Method;
use wsa::domain::task::{ObjectId, OrderGuid};

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{TOKEN, V1};

async fn by(app: &TestApp, token: &str, method: Method, reseller: ObjectId, id: &str) -> Answer {
    let body = if method == Method::GET { "" } else { EXAMPLE };
    let request = app
        .request(method, &path(reseller, id))
        .header("X-Api-Token", token)
        .header("Content-Type", MEDIA)
        .body(body);
    send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_reaches_its_reseller_and_all_below_on_sqlite() {
    a_manager_reaches_its_reseller_and_all_below(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_reaches_its_reseller_and_all_below_on_postgres() {
    a_manager_reaches_its_reseller_and_all_below(Stores::Postgres).await;
}

async fn a_manager_reaches_its_reseller_and_all_below(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let all = [TOP, CHILD, SIBLING, GRANDCHILD];
    let below = |own: ObjectId| match own {
        TOP => all.to_vec(),
        CHILD => vec![CHILD, GRANDCHILD],
        own => vec![own],
    };
    let (mut id, mut completed) = (1000, 0);
    for own in all {
        for reseller in all {
            id += 1;
            put(app.store(), &waiting(reseller, id, &id.to_string())).await;
            let (id, token) = (id.to_string(), token(10 + own.0));
            let look = by(&app, &token, Method::GET, reseller, &id).await;
            let patch = by(&app, &token, Method::PATCH, reseller, &id).await;
            if below(own).contains(&reseller) {
                assert_eq!((look.status.as_u16(), patch.status.as_u16()), (200, 200), "{patch:?}");
                completed += 1;
            } else {
                assert_eq!(look.error(404), "Reseller not found.");
                assert_eq!(patch.error(404), "Reseller not found.");
                assert_eq!(patch.header("x-task-guid"), None);
            }
            // A payment is found at its own reseller only.
            let elsewhere = if reseller == GRANDCHILD { SIBLING } else { GRANDCHILD };
            by(&app, &self::token(ANNA), Method::GET, elsewhere, &id).await.error(404);
        }
    }
    assert_eq!(completed, 8);
    by(&app, &token(ANNA), Method::GET, ObjectId(99), "1").await.error(404);
    assert_books_agree(&app.place).await;
    assert_eq!(app.finish().await.tasks.len(), completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_must_be_a_managers_and_its_role_right() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    for method in [Method::GET, Method::PATCH, Method::POST] {
        let bare = app.request(method.clone(), &path(TOP, "6475")).header("Content-Type", MEDIA);
        send(bare.body(EXAMPLE)).await.error(401);
        for wrong in ["", "x", TOKEN] {
            by(&app, wrong, method.clone(), TOP, "6475").await.error(401);
        }
    }
    let viewer = token(300);
    assert_eq!(by(&app, &viewer, Method::GET, TOP, "6475").await.status, 200);
    by(&app, &viewer, Method::PATCH, TOP, "6475").await.error(403);
    by(&app, &viewer, Method::POST, TOP, "2005258").await.error(403);

    // Rotating is that of the aggregator that the manager is.
    let hash = wsa::domain::token::TokenHash::of("new");
    app.store().rotate_token("activeplatform-manager-234", hash).await.unwrap().unwrap();
    by(&app, &token(ANNA), Method::PATCH, TOP, "6475").await.error(401);
    assert_eq!(by(&app, "new", Method::PATCH, TOP, "6475").await.status, 200);
    assert_eq!(app.finish().await.tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_token_does_not_open_white_server() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let manager = app.with_token(&token(ANNA));
    for object in [V1, TOP] {
        let reply = manager.create(&Ask::get_order(object, OrderGuid::new()).asynchronous()).await;
        assert_eq!(code(&reply.json()), "AuthFailed");
    }
    assert!(app.finish().await.tasks.is_empty());
}
