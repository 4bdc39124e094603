//! The clients that are generated from the contracts, as docs/clients.md has it: they compile, and pay an order.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::support::app::TestApp;
use crate::support::callbacks;
use crate::support::receiver::{Post, Receiver};
use crate::support::reference::{CASH, TOKEN, V2};

const PAGE: &str = include_str!("../../../docs/clients.md");
const PYTHON: &str = include_str!("../../../docs/examples/clients/python/pay.py");
const TYPESCRIPT: &str = include_str!("../../../docs/examples/clients/typescript/pay.ts");

fn target() -> PathBuf {
    // As the script has it; tests run in the root of the package.
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(target)
}

/// Both clients, generated and compiled strictly, once. The script fails when an operation is missing in one of them,
/// or an amount is a float.
async fn clients() -> PathBuf {
    static CLIENTS: OnceCell<()> = OnceCell::const_new();
    let generate = async || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/clients");
        let output = Command::new(script).kill_on_drop(true).output().await.unwrap();
        let told = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
    };
    CLIENTS.get_or_init(generate).await;
    target()
}

/// Pays an order of a real service with a client: what was asked for, then what is refused.
async fn pays(client: impl Fn() -> Command) {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "449.35").await;
    let (object, guid, currency) = (V2.to_string(), order.to_string(), CASH.to_string());
    let pay = async |amount: &str, key: &str| -> Value {
        let mut command = client();
        command.args(["--url", &app.url, "--token", TOKEN, "--object", &object, "--order", &guid]);
        command.args(["--amount", amount, "--currency", &currency, "--key", key]);
        let output = command.kill_on_drop(true).output().await.unwrap();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{wrong}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let refused = |code: &str| json!({"type": "Refusal", "code": code});
    // Refused by the worker, with a task; and at once, without one.
    assert_eq!(pay("1.00", "payment-1").await, refused("WsaPaymentNotEqualDue"));
    assert_eq!(pay("0.001", "payment-2").await, refused("BadRequest"));
    // Amounts come back as the text that they are.
    let paid = json!({"type": "PayOrderDone", "total": "449.35", "due": "0.00"});
    assert_eq!(pay("449.35", "payment-3").await, paid);
    assert_eq!(pay("449.35", "payment-3").await, paid, "the same key is the same payment");
    assert_eq!(pay("449.35", "payment-4").await, refused("WsaOrderClosed"));
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_pays_an_order() {
    let target = clients().await;
    pays(|| {
        let mut python = Command::new(target.join("tools/clients/venv/bin/python"));
        python.arg("pay.py").current_dir(target.join("clients/python"));
        python
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_pays_an_order() {
    let target = clients().await;
    pays(|| {
        let mut node = Command::new("node");
        node.arg("js/pay.js").current_dir(target.join("clients/typescript"));
        node
    })
    .await;
}

/// Whether a program says of a callback that it is ours; it reads a JSON of secret, headers and body.
async fn is_ours(mut program: Command, secret: &str, post: &Post, body: &str) -> bool {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers = names.map(|name| (name.to_owned(), post.header(name).unwrap().into()));
    let headers = Value::Object(headers.into_iter().collect());
    let asked = json!({"secret": secret, "headers": headers, "body": body}).to_string();
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = program.spawn().unwrap();
    child.stdin.take().unwrap().write_all(asked.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_examples_know_a_callback_of_ours() {
    let target = clients().await;
    let app = callbacks::app().await.start().await;
    let receiver = Receiver::start().await;
    let (_, secret) = callbacks::add(app.store(), &receiver.url()).await;
    let order = app.order(V2, "449.35").await;
    let task = wsa_client::Task::get_order(V2.0, order.0);
    super::client(&app).submit(&task, &wsa_client::Key::random()).await.unwrap();
    let post = receiver.until(1).await.remove(0);
    let python = || {
        let mut python = Command::new(target.join("tools/clients/venv/bin/python"));
        python.arg("callbacks.py").current_dir(target.join("clients/python"));
        python
    };
    let node = || {
        let mut node = Command::new("node");
        node.arg("js/callbacks.js").current_dir(target.join("clients/typescript"));
        node
    };
    let (secret, other) = (secret.reveal().to_string(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    for program in [&python as &dyn Fn() -> Command, &node] {
        assert!(is_ours(program(), &secret, &post, &post.body).await);
        assert!(!is_ours(program(), &secret, &post, &format!("{} ", post.body)).await);
        assert!(!is_ours(program(), other, &post, &post.body).await);
        let mut old = Post { headers: post.headers.clone(), body: post.body.clone(), at: post.at };
        old.headers.insert("webhook-timestamp", "1000000000".parse().unwrap());
        assert!(!is_ours(program(), &secret, &old, &post.body).await);
    }
    app.finish().await;
}

/// What stands between the marks of an example, without what it is indented by.
fn marked(example: &str) -> String {
    let (_, rest) = example.split_once("[pay]\n").unwrap();
    let lines: Vec<&str> = rest.lines().take_while(|line| !line.ends_with("[end]")).collect();
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap();
    lines.iter().map(|line| format!("{}\n", &line[indent..])).collect()
}

#[test]
fn the_page_shows_what_the_tests_run() {
    for example in [PYTHON, TYPESCRIPT] {
        let shown = marked(example);
        assert!(PAGE.contains(&shown), "docs/clients.md does not show this:\n{shown}");
    }
}
