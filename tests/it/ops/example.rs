//! The example of the documentation.

use serde_json::{Value, json};
use tokio::process::Command;
use wsa::ops::access::Role;

use super::{add, app};
use crate::support::ask::Ask;
use crate::support::reference::V2;

const PAGE: &str = include_str!("../../../docs/ops.md");
const SCRIPT: &str = include_str!("../../../docs/examples/operator.sh");

#[tokio::test(flavor = "multi_thread")]
async fn the_example_runs_as_it_is_printed() {
    let commands = SCRIPT.split_once("set -eu\n").unwrap().1;
    assert!(PAGE.contains(commands), "docs/ops.md prints other commands");
    let app = app().await;
    let order = json!({"originalOrderId": "A-17", "price": {"total": 10}});
    app.answer(app.submit(&Ask::create_order(V2, order)).await).await;
    let token = add(app.store(), Role::Operator).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/operator.sh");
    let mut command = Command::new("sh");
    command.args([script, "A-17", &V2.to_string()]);
    command.env("WSA_OPS", app.ops_url()).env("WSA_OPS_TOKEN", token);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let said: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((said.len(), &said[0]["role"]), (7, &"operator".into()));
    assert_eq!(said[2]["items"][0]["originalOrderId"], "A-17");
    let actions: Vec<_> =
        said[6]["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["object.resume", "object.pause"]);
    app.finish().await;
}
