//! Payments that come from outside.

use futures_util::future::join_all;
use reqwest::Method;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// An order of Anna's to be paid by card: its number, its payment's, and the link.
async fn by_card(app: &TestApp, shop: Shop, more: &[(&str, &str)]) -> (i64, i64, String) {
    let item = add(app, ANNA).await;
    let payer = shop.payer.to_string();
    let card = [("paymethod_id", "3"), ("profile_id", &payer), ("payment_method", "bank_card")];
    let answer = confirm(app, ANNA, item, &[&card[..], more].concat()).await;
    let link = answer.doc()["ok"]["$"].as_str().unwrap().to_owned();
    (answer.number("billorder"), answer.number("payment_id"), link)
}

/// What the page's form would post.
async fn press(app: &TestApp, link: &str) -> Answer {
    let (path, query) = link.split_once('?').unwrap();
    let request = app.request(Method::POST, path);
    let kind = "application/x-www-form-urlencoded";
    send(request.header("Content-Type", kind).body(query.to_owned())).await
}

async fn page(app: &TestApp, link: &str) -> Answer {
    send(app.request(Method::GET, link)).await
}

async fn status(app: &TestApp, payment: i64) -> String {
    let doc = by(app, ADMIN, "payment", &[("id", &payment.to_string())]).await.doc();
    doc["elem"][0]["status"]["$"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_came_pays_its_order_once_on_sqlite() {
    a_payment_that_came_pays_its_order_once(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_came_pays_its_order_once_on_postgres_and_rabbitmq() {
    a_payment_that_came_pays_its_order_once(Stores::Postgres, Queues::Amqp).await;
}

async fn a_payment_that_came_pays_its_order_once(store: Stores, queue: Queues) {
    let (app, shop) = shop_on(store, queue).await;
    let (order, payment, _) = by_card(&app, shop, &[]).await;
    let elid = payment.to_string();
    let elid = [("elid", elid.as_str())];
    // Without sok it is shown, and a client may not.
    let shown = by(&app, ADMIN, "payment.setpaid", &elid).await;
    assert_eq!(shown.doc()["elem"][0]["status"]["$"], "1");
    let told = shown.doc()["form"]["msg"]["$"].clone();
    let expected = "This is the form: the payment was not credited. To credit it, send sok=ok";
    assert_eq!(told, expected);
    assert_eq!(ok(&app, ANNA, "payment.setpaid", &elid).await.error(), "access func");
    let su = [elid[0], ("su", ANNA)];
    assert_eq!(ok(&app, ADMIN, "payment.setpaid", &su).await.error(), "access func");
    assert_eq!(status(&app, payment).await, "1");

    let answers = join_all((0..20).map(|_| ok(&app, ADMIN, "payment.setpaid", &elid))).await;
    let done = answers.iter().filter(|answer| answer.doc().get("ok").is_some());
    assert_eq!(done.count(), 1);
    let refused = answers.iter().filter(|answer| answer.doc().get("error").is_some());
    assert!(refused.map(Answer::error).all(|error| error == "exists elid"));
    assert_eq!(status(&app, payment).await, "4");
    let doc = by(&app, ANNA, "cartorder", &[("elid", &order.to_string())]).await.doc();
    assert_eq!(doc["list"][0]["elem"][1]["to_pay"]["$"], "Paid: 20.00 RUB");
    assert_eq!(balance(&app.place, shop.anna).await, 0, "what came went to the order");
    let nothing = [("elid", "999999")];
    assert_eq!(ok(&app, ADMIN, "payment.setpaid", &nothing).await.error(), "missed elid");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_amount_and_its_button_pays_once() {
    let (app, shop) = shop().await;
    let (_, payment, link) = by_card(&app, shop, &[]).await;
    let shown = page(&app, &link).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("content-type"), Some("text/html; charset=UTF-8"));
    assert!(shown.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_eq!(shown.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    assert!(shown.text.contains("<p>20.00 RUB</p>") && shown.text.contains("<form"), "{shown:?}");
    assert_eq!(status(&app, payment).await, "1", "looking pays nothing");

    let pressed = join_all((0..10).map(|_| press(&app, &link))).await;
    let credited = pressed.iter().filter(|page| page.text.contains("<p>Credited</p>")).count();
    assert_eq!(credited, 1, "{pressed:?}");
    assert!(pressed.iter().all(|page| page.header("x-task-guid").is_some()));
    assert_eq!(status(&app, payment).await, "4");
    let after = page(&app, &format!("{link}&lang=ru")).await;
    assert!(after.text.contains("Зачислен") && !after.text.contains("<form"), "{after:?}");
    let elid = payment.to_string();
    let again = ok(&app, ADMIN, "payment.setpaid", &[("elid", &elid)]).await;
    assert_eq!(again.error(), "exists elid");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opens_to_its_key_alone_and_shows_what_it_is_given_as_text() {
    let (app, shop) = shop().await;
    let (_, first, link) = by_card(&app, shop, &[]).await;
    let (_, second, other) = by_card(&app, shop, &[]).await;
    let key = |link: &str| link.split_once("key=").unwrap().1.to_owned();
    let swapped = link.replace(&key(&link), &key(&other));
    let at_bank = link.replace("ycpayment", "bankpayment");
    for wrong in [&swapped, &at_bank, &format!("{link}0"), &link.replace("ycpayment", "yc")] {
        assert_eq!(page(&app, wrong).await.status, 404, "{wrong}");
        assert_eq!(press(&app, wrong).await.status, 404, "{wrong}");
    }
    for bad in ["/mancgi/ycpayment", "/mancgi/ycpayment?elid=x&key=y", "/mancgi/ycpayment?elid=1"] {
        assert_eq!(page(&app, bad).await.status, 400, "{bad}");
    }
    let script = "/mancgi/ycpayment?elid=%3Cscript%3Ealert(1)%3C/script%3E&key=%3Cscript%3E";
    assert!(!page(&app, script).await.text.contains("<script"));
    let head = send(app.request(Method::HEAD, &link)).await;
    assert_eq!((head.status.as_u16(), head.header("allow")), (405, Some("GET, POST")));
    assert_eq!((status(&app, first).await, status(&app, second).await), ("1".into(), "1".into()));

    // A method that is no test has a page, and no button.
    let item = add(&app, ANNA).await;
    let answer = confirm(&app, ANNA, item, &[("paymethod_id", "15")]).await;
    let link = answer.doc()["ok"]["$"].as_str().unwrap().to_owned();
    assert!(link.starts_with("/mancgi/bankpayment?elid="));
    assert!(!page(&app, &link).await.text.contains("<form"));
    let pressed = press(&app, &link).await;
    assert!(pressed.text.contains("does not pay"), "{pressed:?}");
    assert_eq!(status(&app, answer.number("payment_id")).await, "1");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_gets_what_it_needs_or_nothing_is_ordered() {
    let (app, shop) = shop().await;
    let item = add(&app, ANNA).await;
    let (payer, other) = (shop.payer.to_string(), shop.others_payer.to_string());
    let (method, card) = (("paymethod_id", "3"), ("payment_method", "bank_card"));
    for (how, wrong) in [
        (vec![method, card], "missed profile_id"),
        (vec![method, card, ("profile_id", "99999")], "missed profile_id"),
        (vec![method, card, ("profile_id", &other)], "missed profile_id"),
        (vec![method, ("profile_id", &payer)], "missed payment_method"),
        (vec![method, ("profile_id", &payer), ("payment_method", "cash")], "value payment_method"),
        (vec![("paymethod_id", "99")], "missed paymethod_id"),
        (vec![("paymethod_id", "16")], "missed paymethod_id"),
        (vec![("paymethod_id", "17")], "missed paymethod_id"),
        (vec![("storedmethod_id", "1")], "missed storedmethod_id"),
        (vec![("paymethod_id", "0"), ("storedmethod_id", "1")], "value storedmethod_id"),
        (vec![], "missed paymethod_id"),
        (vec![("paymethod_id", "0")], "limit balance"),
    ] {
        assert_eq!(confirm(&app, ANNA, item, &how).await.error(), wrong, "{how:?}");
    }
    assert_eq!(cart(&app, ANNA).await.0, [item]);
    assert_eq!(app.place.number("SELECT count(*) FROM bm_orders").await, 0);
    assert_eq!(confirm(&app, BORIS, item, &[("paymethod_id", "15")]).await.error(), "missed elid");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_is_kept_once_it_has_paid() {
    let (app, shop) = shop().await;
    let (_, kept, link) = by_card(&app, shop, &[("store_paymethod", "on")]).await;
    let (_, other, other_link) = by_card(&app, shop, &[]).await;
    let item = add(&app, ANNA).await;
    let (kept, other) = (kept.to_string(), other.to_string());
    let by_kept = [("storedmethod_id", kept.as_str())];
    assert_eq!(confirm(&app, ANNA, item, &by_kept).await.error(), "missed storedmethod_id");
    press(&app, &link).await;
    press(&app, &other_link).await;
    let by_other = [("storedmethod_id", other.as_str())];
    assert_eq!(confirm(&app, ANNA, item, &by_other).await.error(), "missed storedmethod_id");
    // The form names it; its payer and parameters are those of the first time.
    let elid = item.to_string();
    let form = by(&app, ANNA, "cartorder.create.confirm", &[("elid", &elid)]).await.doc();
    let lists = form["slist"].as_array().unwrap();
    let stored = lists.iter().find(|list| list["$name"] == "storedmethod_id").unwrap();
    assert_eq!(stored["val"].as_array().unwrap().len(), 1);
    assert_eq!(stored["val"][0]["$key"], kept);
    let answer = confirm(&app, ANNA, item, &by_kept).await;
    let order = answer.number("billorder").to_string();
    let doc = by(&app, ANNA, "cartorder", &[("elid", &order)]).await.doc();
    assert!(doc["list"][0]["elem"][0]["profile"]["$"].as_str().unwrap().contains("notav"));
    press(&app, answer.doc()["ok"]["$"].as_str().unwrap()).await;
    assert_eq!(status(&app, answer.number("payment_id")).await, "4");

    let boriss = add(&app, BORIS).await;
    assert_eq!(confirm(&app, BORIS, boriss, &by_kept).await.error(), "missed storedmethod_id");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_listed_for_whom_they_concern() {
    let (app, shop) = shop().await;
    deposit(&app, shop.boris, "20").await;
    let (order, annas, _) = by_card(&app, shop, &[]).await;
    let item = add(&app, BORIS).await;
    let boriss = confirm(&app, BORIS, item, &[("paymethod_id", "0")]).await.number("payment_id");
    let list = |login, filter: Vec<(&'static str, String)>| {
        let app = &app;
        async move {
            let filter: Vec<(&str, &str)> =
                filter.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let doc = by(app, login, "payment", &filter).await.doc();
            let found = doc["elem"].as_array().cloned().unwrap_or_default();
            let ids = found.iter().map(|one| one["id"]["$"].as_str().unwrap().parse().unwrap());
            ids.collect::<Vec<i64>>()
        }
    };
    assert_eq!(list(ADMIN, vec![]).await, [boriss, annas]);
    assert_eq!(list(ANNA, vec![]).await, [annas]);
    assert_eq!(list(BORIS, vec![]).await, [boriss]);
    assert_eq!(list(ADMIN, vec![("su", ANNA.into())]).await, [annas]);
    assert_eq!(list(ADMIN, vec![("status", "4".into())]).await, [boriss]);
    assert_eq!(list(ADMIN, vec![("billorder", order.to_string())]).await, [annas]);
    assert_eq!(list(ANNA, vec![("id", boriss.to_string())]).await, [] as [i64; 0]);
    assert_eq!(list(ADMIN, vec![("p_cnt", "1".into())]).await, [boriss]);
    assert_eq!(list(ADMIN, vec![("status", "8".into())]).await, [] as [i64; 0]);
    assert_eq!(by(&app, ANNA, "payment", &[("status", "10")]).await.error(), "value status");
    assert_eq!(
        by(&app, BORIS, "cartorder", &[("elid", &order.to_string())]).await.error(),
        "missed elid"
    );
    app.finish().await;
}
