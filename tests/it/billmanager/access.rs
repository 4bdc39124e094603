//! Who calls, and for whom.

use futures_util::future::join_all;
use reqwest::Method;
use wsa::protocols::billmanager::passwords;
use wsa::protocols::billmanager::sql::Tables;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn log_in(app: &TestApp, login: &str) -> String {
    let password = password(login);
    let params = [("func", "auth"), ("username", login), ("password", &password), ("out", "json")];
    let doc = bare(app, &params).await.doc();
    let id = doc["auth"]["$id"].as_str().unwrap().to_owned();
    assert_eq!(doc["auth"]["$"], id);
    id
}

async fn with_session(app: &TestApp, id: &str, func: &str) -> Answer {
    bare(app, &[("auth", id), ("func", func), ("out", "json")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_in_both_forms() {
    let (app, _) = shop().await;
    let wrong = [("authinfo", "anna:wrong"), ("func", "cart")];
    let xml = bare(&app, &wrong).await;
    assert_eq!(xml.status, 200);
    assert_eq!(
        xml.text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc lang=\"en\" func=\"cart\" \
         binary=\"/billmgr\"><error type=\"auth\" object=\"badpassword\" lang=\"en\"><msg>The user name \
         or the password is wrong</msg></error></doc>"
    );
    let json = bare(&app, &[&wrong[..], &[("out", "json"), ("lang", "ru")]].concat()).await;
    assert_eq!(
        json.text,
        r#"{"doc":{"$lang":"ru","$func":"cart","$binary":"/billmgr","error":{"$type":"auth","$object":"badpassword","$lang":"ru","msg":{"$":"Неверное имя пользователя или пароль"}}}}"#
    );
    for authinfo in ["nobody:wrong", "anna", ":", "anna:", "", "admin:wrong"] {
        let answer = bare(&app, &[("authinfo", authinfo), ("func", "cart"), ("out", "json")]).await;
        let expected = if authinfo.is_empty() { "auth auth" } else { "auth badpassword" };
        assert_eq!(answer.error(), expected, "{authinfo}");
    }
    let auth = [("func", "auth"), ("username", ANNA), ("password", "wrong"), ("out", "json")];
    assert_eq!(bare(&app, &auth).await.error(), "auth badpassword");
    let auth = [("func", "auth"), ("username", ANNA), ("out", "json")];
    assert_eq!(bare(&app, &auth).await.error(), "missed password");
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_not_tried_for_ever() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("billmanager.attempts_per_min", 3).start().await;
    seed(app.store()).await;
    assert!(by(&app, ANNA, "cart", &[]).await.doc().get("error").is_none());
    let wrong = [("authinfo", "anna:wrong"), ("func", "cart"), ("out", "json")];
    let nobody = [("authinfo", "nobody:wrong"), ("func", "cart"), ("out", "json")];
    for _ in 0..2 {
        assert_eq!(bare(&app, &wrong).await.error(), "auth badpassword");
    }
    assert_eq!(bare(&app, &wrong).await.error(), "limit authinfo");
    // Who was verified goes on, and nobody else is held up.
    assert!(by(&app, ANNA, "cart", &[]).await.doc().get("error").is_none());
    assert!(by(&app, BORIS, "cart", &[]).await.doc().get("error").is_none());
    for _ in 0..3 {
        assert_eq!(bare(&app, &nobody).await.error(), "auth badpassword");
    }
    assert_eq!(bare(&app, &nobody).await.error(), "limit authinfo");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_holds_at_once_and_ends_sessions_on_sqlite() {
    a_changed_password_holds_at_once_and_ends_sessions(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_holds_at_once_and_ends_sessions_on_postgres() {
    a_changed_password_holds_at_once_and_ends_sessions(Stores::Postgres).await;
}

async fn a_changed_password_holds_at_once_and_ends_sessions(store: Stores) {
    let (app, _) = shop_on(store, Queues::InProcess).await;
    let id = log_in(&app, ANNA).await;
    assert!(by(&app, ANNA, "cart", &[]).await.doc().get("error").is_none());
    assert!(with_session(&app, &id, "cart").await.doc().get("error").is_none());
    let hash = passwords::hash("another password").unwrap();
    assert!(Tables::of(app.store()).set_password(ANNA, &hash).await.unwrap());
    assert_eq!(by(&app, ANNA, "cart", &[]).await.error(), "auth badpassword");
    assert_eq!(with_session(&app, &id, "cart").await.error(), "auth auth");
    let new = [("authinfo", "anna:another password"), ("func", "cart"), ("out", "json")];
    assert!(bare(&app, &new).await.doc().get("error").is_none());
    // Switched off is off at once, whatever the password.
    assert!(Tables::of(app.store()).set_active(ANNA, false).await.unwrap());
    assert_eq!(bare(&app, &new).await.error(), "auth badpassword");
    assert!(Tables::of(app.store()).set_active(ANNA, true).await.unwrap());
    assert!(bare(&app, &new).await.doc().get("error").is_none());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_an_hour_from_its_last_use_on_sqlite() {
    a_session_lasts_an_hour_from_its_last_use(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_an_hour_from_its_last_use_on_postgres() {
    a_session_lasts_an_hour_from_its_last_use(Stores::Postgres).await;
}

async fn a_session_lasts_an_hour_from_its_last_use(store: Stores) {
    let (app, _) = shop_on(store, Queues::InProcess).await;
    let id = log_in(&app, ANNA).await;
    let expires_in_ms = |ms: i64| {
        let (place, moment) = (&app.place, app.place.moment(ms));
        async move {
            let sql = format!("UPDATE bm_sessions SET expires_at = {moment}");
            assert_eq!(place.execute(&sql).await.unwrap(), 1);
        }
    };
    let lasts_ms = |ms: i64| {
        let (place, moment) = (&app.place, app.place.moment(ms));
        async move {
            let sql = format!("SELECT count(*) FROM bm_sessions WHERE expires_at > {moment}");
            place.number(&sql).await == 1
        }
    };
    // Used a moment after it was opened, it is not written again.
    let before = app.place.rows("SELECT expires_at FROM bm_sessions").await;
    assert!(with_session(&app, &id, "cart").await.doc().get("error").is_none());
    assert_eq!(app.place.rows("SELECT expires_at FROM bm_sessions").await, before);
    // Used later, it lasts an hour again.
    expires_in_ms(60_000).await;
    assert!(with_session(&app, &id, "cart").await.doc().get("error").is_none());
    assert!(lasts_ms(3_590_000).await && !lasts_ms(3_601_000).await);
    expires_in_ms(-1).await;
    assert_eq!(with_session(&app, &id, "cart").await.error(), "auth auth");
    let text = "There is no such session, or it has expired: log in again";
    assert_eq!(with_session(&app, &id, "cart").await.sentence(), text);
    assert_eq!(Tables::of(app.store()).forget_sessions(10).await.unwrap(), 1);
    for wrong in ["", "x", &id[1..]] {
        assert_eq!(with_session(&app, wrong, "cart").await.error(), "auth auth");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_at_most_fifty_sessions_and_only_hashes_are_kept() {
    let (app, _) = shop().await;
    let first = log_in(&app, ANNA).await;
    join_all((0..55).map(|_| log_in(&app, ANNA))).await;
    let last = log_in(&app, ANNA).await;
    eventually("the oldest are gone", async || {
        app.place.number("SELECT count(*) FROM bm_sessions").await == 50
    })
    .await;
    assert_eq!(with_session(&app, &first, "cart").await.error(), "auth auth");
    assert!(with_session(&app, &last, "cart").await.doc().get("error").is_none());
    let kept = app.place.rows("SELECT password_hash FROM bm_users").await;
    assert!(kept.iter().all(|row| row[0].as_ref().unwrap().starts_with("$argon2id$")));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_acts_for_clients_and_a_client_for_itself() {
    let (app, _) = shop().await;
    let item = add(&app, ANNA).await;
    let listed = by(&app, ADMIN, "cart", &[("su", ANNA)]).await.doc();
    assert_eq!(listed["elem"][0]["id"]["$"], item.to_string());
    assert!(by(&app, ANNA, "cart", &[("su", ANNA)]).await.doc().get("error").is_none());
    for (login, su, wrong) in [
        (ANNA, BORIS, "access su"),
        (ANNA, ADMIN, "access su"),
        (ANNA, "nobody", "access su"),
        (ADMIN, "nobody", "missed su"),
        (ADMIN, ADMIN, "missed su"),
    ] {
        assert_eq!(by(&app, login, "cart", &[("su", su)]).await.error(), wrong, "{login} {su}");
    }
    // In its own name an administrator has no cart.
    assert_eq!(by(&app, ADMIN, "cart", &[]).await.error(), "access su");
    let order = [("pricelist", "2"), ("order_period", "1")];
    assert_eq!(ok(&app, ADMIN, "v2.vds.order.param", &order).await.error(), "access su");
    let su = [&order[..], &[("su", BORIS)]].concat();
    let boriss = ok(&app, ADMIN, "v2.vds.order.param", &su).await.number("lineitem.id");
    assert_eq!(cart(&app, BORIS).await.0, [boriss]);
    assert_eq!(app.finish().await.tasks.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_the_rate_of_its_aggregator_and_no_token() {
    let (app, _) = shop().await;
    let name = wsa::protocols::billmanager::sql::users::aggregator_of(ANNA);
    app.store().set_rate(&name, Some(1)).await.unwrap().unwrap();
    let mut limited = None;
    for _ in 0..20 {
        let answer = by(&app, ANNA, "cart", &[]).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("a limit");
    assert_eq!(limited.doc()["error"]["$type"], "limit");
    assert_eq!(limited.header("retry-after"), Some("1"));
    assert!(by(&app, BORIS, "cart", &[]).await.doc().get("error").is_none());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_by_get_is_answered_and_what_is_fetched_ahead_is_not() {
    let (app, _) = shop().await;
    let params = [("sok", "ok"), ("pricelist", "2"), ("order_period", "1")];
    let query = body_of(ANNA, "v2.vds.order.param", &params);
    let path = format!("/billmgr?{query}");
    let ahead = app.request(Method::GET, &path).header("Sec-Purpose", "prefetch;prerender");
    assert_eq!(send(ahead).await.error(), "access sok");
    let head = send(app.request(Method::HEAD, &path)).await;
    assert_eq!(head.status, 405);
    assert_eq!(cart(&app, ANNA).await.0, [] as [i64; 0]);
    let got = send(app.request(Method::GET, &path)).await;
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(cart(&app, ANNA).await.0, [got.number("lineitem.id")]);
    app.finish().await;
}
