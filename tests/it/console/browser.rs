//! A person in front of a real browser, with scripts and without.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use wsa::domain::dead_letter::DeadLetter;
use wsa::domain::task::{OrderGuid, TaskKey};
use wsa::ops::access::Role;
use wsa::ops::access::sessions::login_link;

use super::*;
use crate::support::ask::{Ask, code};
use crate::support::browser::{Look, Person};
use crate::support::certificates::{Authority, Valid, text};
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

/// That the page does not scroll sideways: wide tables do so by themselves.
async fn assert_fits(person: &Person, path: &str) {
    let wide = "const root = document.documentElement; const out = [...document.body.querySelectorAll('*')]
        .filter(e => e.getBoundingClientRect().right > root.clientWidth && !e.closest('.scroll') && !e.closest('.skip'))
        .map(e => e.outerHTML.slice(0, 90));
        return [root.scrollWidth - root.clientWidth, root.clientWidth, out.slice(0, 3)]";
    let seen = person.browser.execute(wide, vec![]).await.unwrap();
    assert_eq!(seen[0], 0, "{path}: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_a_phone() {
    let app = installation(Stores::Sqlite).await.set("callbacks.allow_private_addresses", true);
    let app = app.start().await;
    let token = operator(&app, "anna", Role::Admin).await;
    let receiver = Receiver::start().await;
    let (callback, _) = callbacks::add(app.store(), &receiver.url()).await;
    let content =
        json!({"originalOrderId": "A-1", "price": {"total": 449.35}, "comment": "x".repeat(200)});
    let created = app.ask(&Ask::create_order(V2, content)).await;
    let order = created["taskResponse"]["order"]["orderGuid"].as_str().unwrap().to_owned();
    let refused = app.pay(V2, order.parse().unwrap(), "449.36").await;
    app.answer(refused).await;
    receiver.until(2).await;
    let key = TaskKey { object: V2, guid: refused };
    app.store().keep_dead(vec![DeadLetter::of_task(key, "it could not be settled")]).await.unwrap();
    sleep(Duration::from_millis(700)).await;
    let more = [
        format!("/tasks/{refused}"),
        format!("/orders/orders/{order}"),
        format!("/objects?object={V2}"),
        "/callers/main".to_owned(),
        format!("/callbacks/{}?count=1", callback.0),
        "/dead?count=1".to_owned(),
        "/tasks?state=lost".to_owned(),
    ];
    for (width, dark) in [(320, false), (375, true)] {
        // The window of a browser is not as narrow as that: it is told to be a phone.
        let person =
            Person::at(app.ops_url(), Look { width, height: 640, dark, ..Look::PLAIN }).await;
        person.is_phone(width).await;
        person.open("/login").await;
        assert_fits(&person, "/login").await;
        person.fill("[name=token]", &token).await;
        person.click("button.main").await;
        person.sees("h1", "Overview").await;
        let width_of = "return document.documentElement.clientWidth";
        assert_eq!(person.browser.execute(width_of, vec![]).await.unwrap(), width);
        for path in PAGES.iter().map(|(path, _)| *path).chain(more.iter().map(|path| &**path)) {
            person.open(path).await;
            person.sees("h1", "").await;
            assert_fits(&person, path).await;
            // With all that opens opened.
            let open = "document.querySelectorAll('details').forEach(d => d.setAttribute('open', '')); return 0";
            person.browser.execute(open, vec![]).await.unwrap();
            assert_fits(&person, &format!("{path}, opened")).await;
        }
        person.browser.clone().close().await.unwrap();
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_used_with_the_keyboard_alone() {
    let app = installation(Stores::Sqlite).await.start().await;
    let token = operator(&app, "anna", Role::Operator).await;
    let person = Person::at(app.ops_url(), Look::PLAIN).await;
    person.open("/objects").await;
    person.fill("[name=token]", &token).await;
    person.press("\u{e007}").await;
    person.sees("h1", "Objects").await;
    // The first stop is the link to the content, which comes into sight; then the pages in their order.
    let focused = "const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
        return [e.textContent.trim(), box.left >= 0 && box.width > 0, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, e.tagName]";
    let at = async || person.browser.execute(focused, vec![]).await.unwrap();
    person.press("\u{e004}").await;
    let skip = at().await;
    assert!(skip[0].as_str().unwrap().to_lowercase().contains("content"), "{skip}");
    assert_eq!((&skip[1], &skip[2]), (&true.into(), &true.into()), "{skip}");
    person.press("\u{e004}").await;
    let first = at().await;
    assert_eq!((&first[0], &first[2]), (&"Overview".into(), &true.into()), "{first}");
    // Every stop is seen, and there is a way round.
    let mut stops = Vec::new();
    for _ in 0..120 {
        person.press("\u{e004}").await;
        let stop = at().await;
        if stop[3] == "BODY" || stop[0] == skip[0] {
            break;
        }
        assert_eq!((&stop[1], &stop[2]), (&true.into(), &true.into()), "{stop}");
        stops.push(stop[0].as_str().unwrap().to_owned());
    }
    for stop in ["Tasks", "Journal", "Log out", "Find", "Pause"] {
        assert!(stops.iter().any(|at| at.contains(stop)), "{stop}: {stops:?}");
    }
    // The link leads to the content, where the next stop is.
    person.open("/objects").await;
    person.press("\u{e004}").await;
    person.press("\u{e007}").await;
    person.press("\u{e004}").await;
    let inside = "return document.querySelector('main').contains(document.activeElement)";
    assert_eq!(person.browser.execute(inside, vec![]).await.unwrap(), true);
    // An object is paused without a mouse.
    let object = "document.querySelector('details.act summary').focus(); return 0";
    person.browser.execute(object, vec![]).await.unwrap();
    person.press("\u{e007}").await;
    person.press("\u{e004}").await;
    person.press("the till is being replaced").await;
    person.press("\u{e007}").await;
    person.sees("#done", "The object is paused").await;
    assert_clean(&person).await;
    person.browser.clone().close().await.unwrap();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_session_is_in_a_cookie_of_this_host_alone() {
    let authority = Authority::new();
    let issued = authority.server("ops", "127.0.0.1", Valid::Now);
    let app = installation(Stores::Sqlite).await;
    let app = app.set("http.tls.certificate", text(&issued.certificate));
    let app = app.set("http.tls.key", text(&issued.key)).start().await;
    let token = operator(&app, "anna", Role::Viewer).await;
    assert!(app.ops_url().starts_with("https://127.0.0.1:"), "{}", app.ops_url());
    let person = Person::at(app.ops_url(), Look::SCRIPTS).await;
    person.open("/tasks").await;
    person.sees("h1", "Log in").await;
    person.fill("[name=token]", &token).await;
    person.click("button.main").await;
    person.sees("h1", "Tasks").await;
    let cookies = person.browser.get_all_cookies().await.unwrap();
    let cookie = cookies.iter().find(|cookie| cookie.name().contains("wsa-operator")).unwrap();
    assert_eq!(cookie.name(), "__Host-wsa-operator");
    assert_eq!(
        (cookie.secure(), cookie.http_only(), cookie.path()),
        (Some(true), Some(true), Some("/"))
    );
    assert_eq!(format!("{:?}", cookie.same_site()), "Some(Strict)");
    let seen = "return document.cookie";
    assert_eq!(person.browser.execute(seen, vec![]).await.unwrap(), "", "no script reads it");
    // It lasts from page to page, and is over when somebody logs out.
    person.follow("Journal").await;
    person.sees("h1", "Journal").await;
    assert_clean(&person).await;
    person.click(".who button").await;
    person.sees("h1", "Log in").await;
    person.open("/tasks").await;
    person.sees("h1", "Log in").await;
    person.browser.clone().close().await.unwrap();
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
        assert_fits(&person, path).await;
    }
    person.open("/tasks?state=refused").await;
    person.sees("tbody", "OrderNotFound").await;
    person.follow(&refused.to_string()).await;
    person.sees("#timeline", "answered").await;
    assert_clean(&person).await;
    person.browser.clone().close().await.unwrap();
    app.finish().await;
}
