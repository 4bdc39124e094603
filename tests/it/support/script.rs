//! Scripts of the documentation.

use tokio::process::Command;

use super::app::TestApp;
use super::soon;

/// A script of `docs/examples`.
pub fn script(name: &str) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(format!("{}/docs/examples/{name}", env!("CARGO_MANIFEST_DIR")));
    // One that imports another leaves nothing behind in the tree.
    command.env("PYTHONDONTWRITEBYTECODE", "1").kill_on_drop(true);
    command
}

/// What a script says that is right to its end, over HTTP alone.
pub async fn said(app: &TestApp, name: &str) -> String {
    let mut command = script(name);
    let output = soon("the script has ended", command.args(["--url", &app.url]).output()).await;
    let output = output.unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{name}: {said}{wrong}");
    said
}
