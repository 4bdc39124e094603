//! A protocol is a folder and a line: a task of [`echo`](crate::echo) goes the whole way, on both stores and both queues.

use clap::Command;
use serde_json::{Value, json};
use wsa::engine::store::audit::Terms;
use wsa::surface::Surface;

use crate::echo::{Echo, LIST, sql};
use crate::support::app::TestApp;
use crate::support::client::http;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const OBJECT: i64 = 4711;
const DAYS: i64 = 86_400;
const TERMS: Terms = Terms { object: None, retention_s: DAYS, mail_s: DAYS, examples: 3 };
const TOKEN: &str = "a-token-of-echo";

async fn speaking(store: Stores, queue: Queues) -> TestApp {
    let builder = TestApp::on(store, queue).await.speaking(&LIST);
    builder.place().execute(sql::TABLE).await.unwrap();
    builder.start().await
}

async fn say(app: &TestApp, token: &str, text: &str, key: &str) -> (u16, Value) {
    let url = format!("{}/echo/{OBJECT}", app.url);
    let request = http().post(url).header("X-Echo-Token", token);
    let answer = request.header("Idempotency-Key", key).body(text.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

/// `wsa admin echo`, as the program would run it.
async fn add_caller(place: (&'static str, String), name: &str, token: &str) {
    let flag = place.0.trim_start_matches("store.").replace('_', "-");
    let commands = Echo.admin();
    let object = OBJECT.to_string();
    let flag = format!("--{flag}={}", place.1);
    let arguments = ["admin", "echo", "--name", name, "--token", token, "--object", &object, &flag];
    let matches = commands.augment(Command::new("admin")).try_get_matches_from(arguments).unwrap();
    assert!(commands.has(matches.subcommand_name().unwrap()));
    commands.read(&matches, &LIST).unwrap().await.unwrap();
}

async fn a_task_goes_the_whole_way(store: Stores, queue: Queues) {
    let app = speaking(store, queue).await;
    add_caller(app.place.settings(), "parrot", TOKEN).await;

    assert_eq!(say(&app, "nobody's", "hello", "k-0").await.0, 401);
    assert_eq!(say(&app, TOKEN, "hello", "k-1").await, (200, json!({"text": "hello", "times": 1})));
    assert_eq!(say(&app, TOKEN, "hello", "k-1").await, (200, json!({"text": "hello", "times": 1})));
    assert_eq!(say(&app, TOKEN, "again", "k-2").await, (200, json!({"text": "again", "times": 2})));
    assert_eq!(say(&app, TOKEN, "other", "k-2").await.0, 422, "a key belongs to one text");
    let (status, refused) = say(&app, TOKEN, &"x".repeat(101), "k-3").await;
    let told = "the body has 101 bytes: it must have 1 to 100";
    assert_eq!((status, refused), (400, json!({"error": told})));

    let nowhere = reqwest::get(format!("{}//echo/", app.url)).await.unwrap();
    assert_eq!(nowhere.status(), 404);
    assert!(nowhere.text().await.unwrap().starts_with("{\"error\":"), "in its own form");
    let contract = reqwest::get(format!("{}/openapi.json", app.url)).await.unwrap();
    let contract: Value = serde_json::from_str(&contract.text().await.unwrap()).unwrap();
    assert_eq!(contract["paths"]["/echo/{object}"]["post"]["operationId"], "say");

    let place = std::sync::Arc::clone(&app.place);
    app.stop().await;
    let store = place.open_speaking(&LIST);
    let report = store.audit(TERMS, |_, _, _| {}).await.unwrap();
    assert!(report.checks.iter().any(|check| check.check.name == "echo-counts-what-is-done"));
    assert!(report.is_sound(), "{report:?}");
    place.execute("UPDATE echo_callers SET times = 3").await.unwrap();
    assert!(!store.audit(TERMS, |_, _, _| {}).await.unwrap().is_sound(), "its rule is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_protocol_is_spoken_on_sqlite_and_in_process() {
    a_task_goes_the_whole_way(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_protocol_is_spoken_on_sqlite_and_rabbitmq() {
    a_task_goes_the_whole_way(Stores::Sqlite, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_protocol_is_spoken_on_postgres_and_in_process() {
    a_task_goes_the_whole_way(Stores::Postgres, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_protocol_is_spoken_on_postgres_and_rabbitmq() {
    a_task_goes_the_whole_way(Stores::Postgres, Queues::Amqp).await;
}
