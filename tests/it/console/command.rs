//! The commands that print a way in: `wsa admin operator login-link`, and `wsa up --demo`, which prints it first.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use wsa::ops::access::Role;

use super::*;
use crate::support::client::http;
use crate::support::soon;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_the_command_line_logs_in_at_the_running_console() {
    let app = installation(Stores::Sqlite).await.start().await;
    operator(&app, "anna", Role::Viewer).await;
    let (_, directory) = app.place.settings();
    let link = async |name: &str| {
        let mut wsa = Command::new(env!("CARGO_BIN_EXE_wsa"));
        wsa.args(["admin", "operator", "login-link", name, "--data-dir", &directory]);
        wsa.env("WSA__OPS__LISTEN", "127.0.0.1:8081").output().await.unwrap()
    };
    let printed = link("anna").await;
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).unwrap();
    let secret = printed.trim().strip_prefix("http://127.0.0.1:8081/login?link=").unwrap();
    let answer = post(&app, "/login", None, &[("link", secret)]).await;
    assert_eq!(answer.status(), 303);
    assert!(answer.headers().contains_key("set-cookie"));
    let unknown = link("nobody").await;
    let told = String::from_utf8(unknown.stderr).unwrap();
    assert!(!unknown.status.success() && told.contains("no operator \"nobody\""), "{told}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_prints_a_way_into_the_console_first() {
    let directory = tempfile::tempdir().unwrap();
    let mut wsa = Command::new(env!("CARGO_BIN_EXE_wsa"))
        .args(["up", "--demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(directory.path())
        .env("WSA__OPS__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(wsa.stdout.take().unwrap()).lines();
    let mut before = Vec::new();
    let link = soon("it prints the link", async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it prints more");
            if line.contains("/login?link=") {
                break line.trim().to_owned();
            }
            before.push(line);
        }
    })
    .await;
    assert!(!before.concat().contains("wsa is up"), "{before:?}");
    let page = http().get(&link);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Log in as demo"), "{page}");
}
