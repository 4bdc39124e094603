//! The cart for people, in a browser that runs no scripts: log in, name a payer, order, pay.

use reqwest::Method;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::browser::{Look, Person};
use crate::support::client::http_builder;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_orders_and_pays_in_a_browser_without_scripts() {
    let (app, shop) = shop().await;
    deposit(&app, shop.boris, "100").await;
    let item = add(&app, BORIS).await;
    let other = add(&app, BORIS).await;
    let annas = add(&app, ANNA).await;
    let person = Person::at(app.url.clone(), Look::PLAIN).await;

    // In Russian: a wrong password, then the right one.
    let link = format!("/billmgr?startform=cart&selected={item}&lang=ru");
    person.open(&link).await;
    person.sees("h1", "Вход").await;
    person.fill("[name=username]", BORIS).await;
    person.fill("[name=password]", "wrong").await;
    person.click("#login button").await;
    assert!(person.text("#error").await.starts_with("Неверное имя"));
    person.fill("[name=username]", BORIS).await;
    person.fill("[name=password]", &password(BORIS)).await;
    person.click("#login button").await;
    assert_eq!(person.text("#who").await, BORIS);
    assert_eq!(person.text("#total").await, "20.00 RUB");
    assert_eq!(person.text("#items tbody").await, format!("oneAddon #{item} 1 месяц 1 20.00 RUB"));
    assert!(!person.has("script").await);

    // In English: a payer whose name is no markup; by card, on the page of the payment.
    person.click("#language").await;
    person.sees("h1", "Cart").await;
    let hostile = "<b onclick=\"x\">Boris & Co</b>";
    person.fill("#payer [name=name]", hostile).await;
    person.click("#payer button").await;
    person.sees("#order [name=profile_id]", hostile).await;
    let of = format!("#order [name=profile_id] option[value='{}']", shop.others_payer);
    person.click(&of).await;
    person.click("#order [name=method][value='3']").await;
    person.click("#order button").await;
    person.sees("h1", "Payment ").await;
    person.sees("body", "20.00 RUB").await;
    person.click("form button").await;
    person.sees("body", "Credited").await;

    // What is left in the cart, from the balance.
    person.open("/billmgr?func=cart&lang=en").await;
    let left = format!("oneAddon #{other} 1 month 1 20.00 RUB");
    assert_eq!(person.text("#items tbody").await, left);
    person.click("#order [name=method][value='0']").await;
    person.click("#order button").await;
    assert_eq!(person.text("#state").await, "Paid: 20.00 RUB");
    assert_eq!(balance(&app.place, shop.boris).await, 8_000);
    // What is ordered, or another client's, is in no cart.
    for gone in [item, annas] {
        person.open(&format!("/billmgr?startform=cart&selected={gone}&lang=en")).await;
        person.sees("#error", &format!("The cart has no line item {gone}")).await;
    }
    person.browser.clone().close().await.unwrap();
    let paid = "SELECT count(*) FROM bm_orders WHERE status = 'paid'";
    assert_eq!(app.place.number(paid).await, 2);
    app.finish().await;
}

/// A form of the page, as another site or a program could send it.
async fn sent(app: &TestApp, headers: &[(&str, &str)], params: &[(&str, &str)]) -> Answer {
    // Where it would send a browser on is looked at.
    let stays = http_builder().redirect(reqwest::redirect::Policy::none());
    let form = stays.no_proxy().build().unwrap().post(format!("{}/mancgi/cart", app.url));
    let form = form
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(super::shop::form(params));
    send(headers.iter().fold(form, |form, (name, value)| form.header(*name, *value))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_orders_nothing_and_a_form_that_is_sent_twice_is_one_order() {
    let (app, shop) = shop().await;
    deposit(&app, shop.anna, "100").await;
    let item = add(&app, ANNA).await.to_string();
    let own = app.url.clone();
    let secret = password(ANNA);
    let login = [("step", "login"), ("username", ANNA), ("password", &secret), ("selected", &item)];
    for headers in [
        &[][..],
        &[("Origin", "https://evil.example.com")],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "cross-site")],
    ] {
        let answer = sent(&app, headers, &login).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("set-cookie")),
            (403, None),
            "{headers:?}"
        );
    }
    let origin = ("Origin", own.as_str());
    let opened = sent(&app, &[origin], &login).await;
    let cookie = opened.header("set-cookie").unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let order =
        [("step", "order"), ("selected", &*item), ("key", "k"), ("method", "0"), ("lang", "en")];
    let theirs = [("Origin", "https://evil.example.com"), ("Cookie", cookie)];
    assert_eq!(sent(&app, &theirs, &order).await.status, 403);
    assert_eq!(cart(&app, ANNA).await.0.len(), 1, "nothing was ordered");
    // The API knows no cookies.
    let api = post(&app, form(&[("func", "cart"), ("out", "json")])).header("Cookie", cookie);
    assert_eq!(send(api).await.error(), "auth auth");

    let mine = [origin, ("Cookie", cookie)];
    let (one, two) = tokio::join!(sent(&app, &mine, &order), sent(&app, &mine, &order));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303), "{one:?} {two:?}");
    assert_eq!(one.header("location"), two.header("location"));
    assert_eq!(balance(&app.place, shop.anna).await, 8_000);
    for (name, value) in [
        ("content-security-policy", "default-src 'none'; style-src 'self'"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert!(one.header(name).unwrap().starts_with(value), "{name}");
    }

    // What the page does not have is refused by its name, and so is a stored method that there is not.
    let next = add(&app, ANNA).await.to_string();
    for (query, wrong) in [
        ("startform=cart&colour=red", "colour"),
        ("startform=logon", "startform"),
        ("startform=cart&selected=x", "x"),
        ("startform=cart&lang=fr", "fr"),
    ] {
        let answer = send(app.request(Method::GET, &format!("/billmgr?{query}"))).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.text.contains(wrong) && answer.text.starts_with("<!DOCTYPE html>"),
            "{query}"
        );
    }
    for (method, wrong) in [
        ("stored-999", "There is no stored method 999"),
        ("99", "There is no payment method 99"),
        ("3", "profile_id"),
        ("x", "x"),
    ] {
        let order = [("step", "order"), ("selected", &*next), ("key", method), ("method", method)];
        let answer = sent(&app, &mine, &order).await;
        assert_eq!(answer.status, 400, "{method}: {answer:?}");
        assert!(answer.text.contains(wrong), "{method}: {}", answer.text);
    }
    assert_eq!(cart(&app, ANNA).await.0.len(), 1);
    app.finish().await;
}
