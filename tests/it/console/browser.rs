//! A person in front of a real browser, with scripts and without.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use wsa::domain::task::OrderGuid;
use wsa::ops::access::Role;
use wsa::ops::access::sessions::login_link;

use super::*;
use crate::support::ask::{Ask, code};
use crate::support::browser::{Look, Person};
use crate::support::receiver::Receiver;
use crate::support::reference::*;
use crate::support::{callbacks, eventually};

/// Whatever a person does, the browser finds nothing wrong and asks nobody else.
async fn assert_clean(person: &Person) {
    let seen = person.seen().await;
    assert!(seen.errors.is_empty(), "{:#?}", seen.errors);
    assert!(!seen.requests.is_empty());
    // The browser's own signs are in its program.
    let own =
        |url: &String| [&*person.base, "chrome", "data:"].iter().any(|of| url.starts_with(of));
    let foreign: Vec<_> = seen.requests.iter().filter(|url| !own(url)).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_figures_move_and_finds_out_why_a_payment_was_refused() {
    let app = installation(Stores::Sqlite).await.set("callbacks.allow_private_addresses", true);
    let app = app.start().await;
    operator(&app, "anna", Role::Operator).await;
    let path = login_link(app.store(), &nobody(), "anna").await.unwrap().unwrap();
    let person = Person::at(app.ops_url(), Look::SCRIPTS).await;
    person.open(&path).await;
    person.sees("h1", "Log in").await;
    person.click("button.main").await;
    person.sees("h1", "Overview").await;
    person.sees(".who", "anna").await;

    // Payments run: the figures move by themselves.
    assert!(person.text("#tiles").await.contains("Accepted"));
    let first = person.text("#tiles").await;
    for order in app.orders(V2, "10", 30).await {
        app.pay(V2, order, "10").await;
    }
    let mut last = first.clone();
    eventually("the tiles move", async || {
        last = person.text("#tiles").await;
        last != first && !last.contains("Done\n0\na second") && last.contains("100.0 %")
    })
    .await;
    eventually("charts are drawn", async || person.has(".plot canvas").await).await;
    assert!(person.has("#processes .state.ok").await);

    // One is refused: found by what its client calls the order, and why.
    let receiver = Receiver::start().await;
    let (callback, _) = callbacks::add(app.store(), &receiver.url()).await;
    let content = json!({"originalOrderId": "A-1", "price": {"total": 449.35}});
    let created = app.ask(&Ask::create_order(V2, content)).await;
    let order = created["taskResponse"]["order"]["orderGuid"].as_str().unwrap().parse().unwrap();
    let refused = app.pay(V2, order, "449.36").await;
    assert_eq!(code(&app.answer(refused).await), "WsaPaymentNotEqualDue");
    let told = receiver.until(2).await.len();
    person.follow("Tasks").await;
    person.sees("h1", "Tasks").await;
    person.fill("[name=q]", "A-1").await;
    person.click("form.filter button.main").await;
    person.sees("tbody", "WsaPaymentNotEqualDue").await;
    person.follow(&refused.to_string()).await;
    person.sees("#why", "WsaPaymentNotEqualDue").await;
    person.sees("#timeline", "accepted").await;
    person.sees("#timeline", "answered").await;
    person.sees("main", "Original order id").await;

    // Its answer is posted once more: counted first, with a reason, and the journal has it.
    person.follow("Post again").await;
    person.sees("#counted", "1 answers and 0 events match").await;
    person.click("details.act details.act summary").await;
    person.fill("details.act details.act [name=reason]", "the receiver lost it").await;
    person.click("details.act details.act button").await;
    person.sees("#done", "posted with the next round").await;
    receiver.until(told + 1).await;
    person.follow("Journal").await;
    person.sees("tbody", "callback.replay").await;
    person.sees("tbody", "the receiver lost it").await;
    assert_eq!(callback.0.to_string(), person.text("tbody tr:first-child td .mono").await);
    assert_clean(&person).await;
    person.click(".who button").await;
    person.sees("h1", "Log in").await;
    person.open("/tasks").await;
    person.sees("h1", "Log in").await;
    person.browser.clone().close().await.unwrap();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_open_task_changes_when_it_is_answered() {
    // Nobody works: the task stays open until its deadline.
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let app = app.set("ops.listen", "127.0.0.1:0").set("ops.sample_ms", 500);
    let app = app.role(wsa::boot::Role::Api).start().await;
    let token = operator(&app, "anna", Role::Viewer).await;
    let order = app.order(V2, "10").await;
    let task = app.pay(V2, order, "10").await;
    let person = Person::at(app.ops_url(), Look::SCRIPTS).await;
    person.open(&format!("/tasks/{task}")).await;
    person.fill("[name=token]", &token).await;
    person.click("button.main").await;
    // Where the form led back to.
    person.sees(".head .state", "open").await;
    let worker = app.beside(wsa::boot::Role::Worker).start().await;
    person.sees(".head .state", "done").await;
    person.sees("#timeline", "answered").await;
    assert_clean(&person).await;
    person.browser.clone().close().await.unwrap();
    worker.stop().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_without_scripts_with_the_keyboard_and_on_a_phone() {
    let app = installation(Stores::Sqlite).await.start().await;
    let token = operator(&app, "anna", Role::Viewer).await;
    let refused = app.pay(V2, OrderGuid::new(), "10").await;
    app.answer(refused).await;
    sleep(Duration::from_millis(700)).await;
    let look = Look { width: 390, height: 800, dark: true, ..Look::PLAIN };
    let person = Person::at(app.ops_url(), look).await;
    person.open("/").await;
    // The field has the focus; the key sends the form.
    let field = person.browser.active_element().await.unwrap();
    field.send_keys(&token).await.unwrap();
    field.send_keys("\u{e007}").await.unwrap();
    person.sees("h1", "Overview").await;
    person.sees("noscript", "").await;
    for (path, title) in PAGES {
        person.open(path).await;
        person.sees("h1", title).await;
        // Wide tables scroll by themselves; the page does not.
        let wide =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(person.browser.execute(wide, vec![]).await.unwrap(), 0, "{path}");
    }
    person.open("/tasks?state=refused").await;
    person.sees("tbody", "OrderNotFound").await;
    person.follow(&refused.to_string()).await;
    person.sees("#timeline", "answered").await;
    assert_clean(&person).await;
    person.browser.clone().close().await.unwrap();
    app.finish().await;
}
