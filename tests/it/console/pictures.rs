//! Pictures of each page for `docs/console`, made by `scripts/console-pictures`.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::sleep;
use wsa::console::login_link;
use wsa::domain::task::OrderGuid;
use wsa::ops::access::Role;

use super::*;
use crate::support::browser::{Look, Person};
use crate::support::reference::*;

/// The names of the pictures, and where each is.
const PICTURES: &[(&str, &str)] =
    &[("overview", "/"), ("tasks", "/tasks"), ("processes", "/processes"), ("journal", "/journal")];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes the pictures of the documentation: scripts/console-pictures"]
async fn take() {
    let folder = PathBuf::from(std::env::var("WSA_PICTURES").unwrap_or("docs/console".into()));
    std::fs::create_dir_all(&folder).unwrap();
    let app = installation(Stores::Sqlite).await.start().await;
    operator(&app, "anna", Role::Admin).await;
    operator(&app, "boris", Role::Viewer).await;
    let orders = app.orders(V2, "518.85", 400).await;
    let mut refused = Vec::new();
    for (n, order) in orders.into_iter().enumerate() {
        app.pay(V2, order, "518.85").await;
        if n % 23 == 0 {
            refused.push(app.pay(V2, OrderGuid::new(), "10").await);
        }
        sleep(Duration::from_millis(20)).await;
    }
    app.answer(*refused.last().unwrap()).await;
    let task = format!("/tasks/{}", refused[0]);
    let pictures = PICTURES.iter().copied().chain([("task", &*task), ("login", "/login")]);
    for (dark, suffix) in [(false, ""), (true, "-dark")] {
        let look = Look { dark, height: 860, ..Look::SCRIPTS };
        let person = Person::at(app.ops_url(), look).await;
        let path = login_link(app.store(), &nobody(), "anna").await.unwrap().unwrap();
        person.open(&path).await;
        person.click("button.main").await;
        person.sees("h1", "Overview").await;
        for (name, path) in pictures.clone() {
            person.open(path).await;
            sleep(Duration::from_millis(1200)).await;
            let png = person.browser.screenshot().await.unwrap();
            std::fs::write(folder.join(format!("{name}{suffix}.png")), png).unwrap();
        }
        person.browser.clone().close().await.unwrap();
    }
    // A phone has a narrow picture of the first page alone.
    let person = Person::at(app.ops_url(), Look { width: 500, height: 860, ..Look::SCRIPTS }).await;
    let path = login_link(app.store(), &nobody(), "anna").await.unwrap().unwrap();
    person.open(&path).await;
    person.click("button.main").await;
    person.sees("h1", "Overview").await;
    sleep(Duration::from_millis(1200)).await;
    let png = person.browser.screenshot().await.unwrap();
    std::fs::write(folder.join("overview-phone.png"), png).unwrap();
    person.browser.clone().close().await.unwrap();
    app.finish().await;
}
