//! The service's own view: `wsa audit`.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::support::place::Place;

/// What the audit of a store says, and which of its rules are broken.
pub async fn audit(place: &Place) -> (Value, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(["audit", "--json", "--database-url", &place.settings().1]).stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let code = output.status.code();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(code, Some(0 | 1)), "it could not be audited: {code:?} {told}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sound"], code == Some(0), "{report}");
    let checks = report["checks"].as_array().unwrap().iter();
    let broken = checks.filter(|check| check["broken"] != 0).map(Value::to_string).collect();
    (report, broken)
}
