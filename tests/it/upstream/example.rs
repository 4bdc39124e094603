//! The example client in the documentation works as printed.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, kiosk, servers, soon};

/// Runs the example; gives its output and whether it ended well.
pub async fn example(url: &str, prefix: &str, arguments: &[&str]) -> (String, bool) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/pay_over_amqp.py");
    let mut command = Command::new("/usr/bin/python3");
    command.args([script, "--url", url, "--prefix", prefix]).args(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = soon("the example has ended", command.output()).await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("Traceback"), "{errors}");
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_pays_and_reads_both_queues() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let (url, prefix) = (servers::amqp_url(), app.prefix.clone().unwrap().0.clone());
    let order = app.order(V2, "449.35").await;
    let (object, guid, currency) = (V2.to_string(), order.to_string(), CASH.to_string());
    let pay =
        ["--object", &object, "--order", &guid, "--amount", "449.35", "--currency", &currency];

    let named = [&pay[..], &["--message-id", "my payment 1"]].concat();
    let (first, paid) = example(&url, &prefix, &named).await;
    assert!(paid, "{first}");
    assert_eq!(code(&serde_json::from_str::<Value>(&first).unwrap()), "done");
    let (again, paid) = example(&url, &prefix, &named).await;
    assert_eq!((&again, paid), (&first, true), "the same name and body: the same answer");
    let (refused, paid) = example(&url, &prefix, &pay).await;
    assert!(!paid);
    assert_eq!(code(&serde_json::from_str::<Value>(&refused).unwrap()), "WsaOrderClosed");

    let mut results = String::new();
    eventually("both tasks are in the results queue", async || {
        let (more, good) = example(&url, &prefix, &["--results", "main"]).await;
        assert!(good, "{more}");
        results.push_str(&more);
        results.lines().count() >= 2
    })
    .await;
    assert!(results.contains(&format!("my payment 1 {first}")), "{results}");
    assert!(results.contains(&refused), "{results}");
    app.finish().await.assert_paid_once(&[order]);
}
