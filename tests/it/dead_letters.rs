//! Dead letters: how they get into the store, and `wsa dead`.

mod commands;
mod keeping;
mod replaying;

use serde_json::Value;
use tokio::process::Command;
use wsa::engine::store::dead_letters::{LetterFilter, StoredLetter};

use crate::support::app::TestApp;
use crate::support::{eventually, servers};

/// Every letter, once there are so many.
pub async fn letters(app: &TestApp, count: usize) -> Vec<StoredLetter> {
    let filter = LetterFilter { most: 1000, ..LetterFilter::default() };
    let mut letters = Vec::new();
    eventually("the dead letters are there", async || {
        letters = app.store().dead_letters(&filter).await.unwrap();
        letters.len() >= count
    })
    .await;
    assert_eq!(letters.len(), count, "{letters:?}");
    letters
}

/// `wsa dead` on the store and broker of an application: what it prints, and its exit code.
pub async fn dead(app: &TestApp, arguments: &[&str]) -> (String, Option<i32>) {
    let (setting, store) = app.place.settings();
    let variable = format!("WSA__{}", setting.to_uppercase().replace('.', "__"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.arg("dead").args(arguments).env(variable, store);
    if let Some(prefix) = &app.prefix {
        command.envs([("WSA__AMQP__URL", &servers::amqp_url()), ("WSA__AMQP__PREFIX", &prefix.0)]);
    }
    let output = command.output().await.unwrap();
    let told = [output.stdout, output.stderr].concat();
    (String::from_utf8(told).unwrap(), output.status.code())
}

fn json_lines(told: &str) -> Vec<Value> {
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
