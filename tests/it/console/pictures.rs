//! Pictures of each page for `docs/console`, made by `scripts/console-pictures`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use wsa::domain::dead_letter::DeadLetter;
use wsa::domain::task::{OrderGuid, TaskKey};
use wsa::engine::store::samples::{Sample, Whole};
use wsa::ops::access::Role;
use wsa::ops::access::sessions::login_link;

use super::*;
use crate::support::ask::Ask;
use crate::support::browser::{Look, Person};
use crate::support::callbacks;
use crate::support::place::Place;
use crate::support::receiver::{Does, Receiver};
use crate::support::reference::*;

/// The names of the pictures, and where each is.
const PICTURES: &[(&str, &str)] = &[
    ("overview", "/"),
    ("tasks", "/tasks"),
    ("orders", "/orders?object=199990246"),
    ("objects", "/objects"),
    ("callers", "/callers"),
    ("callbacks", "/callbacks"),
    ("dead-letters", "/dead"),
    ("processes", "/processes"),
    ("journal", "/journal"),
    ("audit", "/audit"),
];

/// Something of everything: what fails, what waits, what was done about it. Gives a task and its order.
async fn seed(app: &TestApp, cookie: &str) -> (String, String) {
    let receiver = Receiver::does(Does::Refuses("WsaOrderNotFound".into())).await;
    let (callback, _) = callbacks::add(app.store(), &receiver.url()).await;
    callbacks::add_only(app.store(), "https://hooks.example.com/orders", false, true).await;
    let mut last = None;
    for (n, order) in app.orders(V2, "518.85", 400).await.into_iter().enumerate() {
        let task = app.pay(V2, order, "518.85").await;
        let dead = async |object, guid, why: &str| {
            let letter = DeadLetter::of_task(TaskKey { object, guid }, why);
            app.store().keep_dead(vec![letter]).await.unwrap();
        };
        if n % 23 == 0 {
            let refused = app.pay(V2, OrderGuid::new(), "10").await;
            dead(V2, refused, "it could not be settled: the order is locked").await;
        }
        if n % 57 == 0 {
            dead(V1, task, "the body is no JSON").await;
        }
        last = Some(task);
        sleep(Duration::from_millis(25)).await;
    }
    let content = json!({
        "originalOrderId": "A-1027", "comment": "no nuts", "personsQuantity": 2,
        "products": [{"id": "7", "name": "Pie", "price": 449.35, "quantity": 1}],
        "price": {"total": 449.35},
    });
    let created = app.ask(&Ask::create_order(V2, content)).await;
    let order = created["taskResponse"]["order"]["orderGuid"].as_str().unwrap();
    let refused = app.pay(V2, order.parse().unwrap(), "400").await;
    app.answer(refused).await;
    let act = async |path: &str, fields: &[(&str, &str)]| {
        let done = post(app, path, Some(cookie), fields).await;
        assert!(done.status().is_redirection() || done.status().is_success(), "{path}");
    };
    let hasty = HASTY.0.to_string();
    act("/objects/pause", &[("object", &hasty), ("reason", "the till is being replaced")]).await;
    let path = format!("/callbacks/{}/switch", callback.0);
    act(&path, &[("open", "0"), ("reason", "the receiver is down, ticket 4711")]).await;
    act(&path, &[("open", "1"), ("reason", "the receiver is back")]).await;
    act("/audit", &[("reason", "before the month is closed")]).await;
    app.answer(last.unwrap()).await;
    (format!("/tasks/{refused}"), format!("/orders/orders/{order}"))
}

/// Three processes that are elsewhere.
const ELSEWHERE: [(&str, &str); 3] =
    [("api-1:812", "api"), ("worker-1:813", "worker"), ("worker-2:811", "worker")];

/// What one of them counted in a step of an hour.
fn counted(place: usize, begin: Timestamp, step: i32) -> Sample {
    let (host, role) = ELSEWHERE[place];
    let wave = (f64::from(step) / 40.0).sin() + 0.3 * (f64::from(step) / 7.0).sin();
    let load = (420.0 + 160.0 * wave) as i64;
    let works = role == "worker";
    let jam = if (200..215).contains(&step) { 6 } else { 1 };
    let outcomes = [("done", load / 2), ("refused", load / 40), ("timeout", jam / 6 * 3)];
    let outcomes = outcomes.into_iter().filter(|_| works).map(|(word, n)| (word.to_owned(), n));
    Sample {
        at: begin + SignedDuration::from_secs(i64::from(step) * 10),
        process: uuid::Uuid::from_u128(place as u128 + 1),
        role: role.into(),
        host: host.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        since: begin - SignedDuration::from_hours(30 + place as i64),
        lanes: i64::from(works),
        span_ms: 10_000,
        ending: false,
        trouble: String::new(),
        accepted: if works { 0 } else { load },
        outcomes: outcomes.collect(),
        p50_us: works.then_some((3_000 + load * 4) * jam),
        p99_us: works.then_some((9_000 + load * 20) * jam),
        in_flight: if works { load / 60 } else { 0 },
        queue_depth: (jam - 1) * 30,
        whole: Some(Whole {
            open: load / 30 * jam,
            scheduled: 3,
            oldest_ms: 200 * jam * jam,
            dead: 26,
        }),
    }
}

/// Writes what they would have written in the hour before, and goes on with it.
async fn course(place: &Arc<Place>) -> AbortOnDropHandle<()> {
    let store = place.open();
    let now = store.clock().await.unwrap();
    let begin = Timestamp::from_second(now.as_second() / 10 * 10 - 3600).unwrap();
    let mut step = 0;
    let write = async move || {
        let now = store.clock().await.unwrap().as_second();
        while begin.as_second() + i64::from(step) * 10 <= now {
            for place in 0..ELSEWHERE.len() {
                store.write_sample(&counted(place, begin, step)).await.unwrap();
            }
            step += 1;
        }
    };
    let mut write = write;
    write().await;
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(2)).await;
            write().await;
        }
    }))
}

/// A browser that is logged in.
async fn person(app: &TestApp, look: Look) -> Person {
    let person = Person::at(app.ops_url(), look).await;
    let path = login_link(app.store(), &nobody(), "anna").await.unwrap().unwrap();
    person.open(&path).await;
    person.click("button.main").await;
    person.sees("h1", "Overview").await;
    person
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes the pictures of the documentation: scripts/console-pictures"]
async fn take() {
    let folder = PathBuf::from(std::env::var("WSA_PICTURES").unwrap_or("docs/console".into()));
    std::fs::create_dir_all(&folder).unwrap();
    let app = installation(Stores::Sqlite).await.set("callbacks.allow_private_addresses", true);
    let app = app.start().await;
    operator(&app, "anna", Role::Admin).await;
    let cookie = log_in(&app, &operator(&app, "boris", Role::Operator).await).await;
    let (task, order) = seed(&app, &cookie).await;
    let elsewhere = course(&app.place).await;
    let callback = format!("/callbacks/{}", app.store().callbacks().await.unwrap()[0].id.0);
    let others =
        [("task", &*task), ("order", &*order), ("callback", &*callback), ("login", "/login")];
    let pictures = PICTURES.iter().copied().chain(others);
    let take = async |person: &Person, name: &str, path: &str| {
        person.open(path).await;
        sleep(Duration::from_millis(1200)).await;
        let png = person.browser.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    };
    for (dark, suffix) in [(false, ""), (true, "-dark")] {
        let look = Look { dark, height: 940, ..Look::SCRIPTS };
        let person = person(&app, look).await;
        for (name, path) in pictures.clone() {
            take(&person, &format!("{name}{suffix}"), path).await;
        }
        person.browser.clone().close().await.unwrap();
    }
    let person = person(&app, Look { width: 500, height: 940, ..Look::SCRIPTS }).await;
    take(&person, "overview-phone", "/").await;
    person.browser.clone().close().await.unwrap();
    drop(elsewhere);
    app.finish().await;
}
