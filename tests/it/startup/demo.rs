//! What the demo prints runs as it stands, and fits a terminal of 80 columns.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::tempdir;

use super::program::{end_within, free_port, outcome, signal, up};

const COLUMNS: usize = 80;

/// Ended with the test, also when that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing happens to one that has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let errors = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{status}: {errors}");
    String::from_utf8(stdout).unwrap() + &errors
}

fn shell(lines: &str) -> String {
    run(Command::new("bash").args(["-euo", "pipefail", "-c", lines]))
}

/// The lines that do not fit, but for those that are as long as a link to be clicked, or the paths of this test, are.
fn too_long(text: &str) -> Vec<&str> {
    let is_long = |line: &&str| line.chars().count() > COLUMNS;
    let is_fixed = |line: &&str| line.contains("/login?link=") || line.contains("--data-dir");
    text.lines().filter(|line| is_long(line) && !is_fixed(line)).collect()
}

#[test]
fn what_the_demo_prints_runs_as_it_stands() {
    let (directory, port) = (tempdir().unwrap(), free_port());
    let listen = format!("127.0.0.1:{port}");
    let mut command = up(&directory, &["--demo", "--listen", &listen]);
    command.args(["--ops-listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let child = &mut running.0;
    let url = format!("http://{listen}");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let until_last = lines.take_while(|line| !line.starts_with("Stop with Ctrl-C"));
    let printed = until_last.collect::<Vec<_>>().join("\n");
    assert_eq!(too_long(&printed), [""; 0]);
    let payment = printed.split("Pay an order:\n").nth(1).unwrap();
    let payment = payment.split("\n\n").next().unwrap();
    assert!(shell(payment).contains(r#""summToPay":0.00"#), "{payment}");
    // Twice: what it says of the second order is as good.
    for _ in 0..2 {
        let demo = run(Command::new(env!("CARGO_BIN_EXE_wsa"))
            .arg("demo")
            .args(["--url", &url, "--data-dir"])
            .arg(directory.path()));
        assert_eq!(too_long(&demo), [""; 0]);
        let said = shell(&demo);
        // Of two payments; what is heard last may be one of them.
        assert!(said.matches(r#""summToPay":0.00"#).count() >= 2, "two payments: {said}");
        assert!(said.contains(r#""status":"done""#), "a ticket: {said}");
        assert!(said.contains("<doc") && !said.contains("<error"), "a cart: {said}");
        assert!(!said.contains(r#""errors""#) && !said.contains(r#""error":"#), "{said}");
    }
    signal(child.id(), "-INT");
    assert_eq!(end_within(child, Duration::from_secs(30)).map(outcome), Some(0));
}
