//! What each signal does, from the first moment.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::tempdir;

use super::program::{end_within, outcome, said, signal, up, wsa};
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::process::Process;

const PROMPTLY: Duration = Duration::from_secs(10);

/// Has `wsa` told to end as soon as its log says this, and gives how it ended.
fn ended_at(command: &mut Command, line_with: &str, by: &str) -> Option<i32> {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let seen: Vec<_> =
        lines.by_ref().map(Result::unwrap).take_while(|line| !line.contains(line_with)).collect();
    signal(child.id(), by);
    std::thread::spawn(move || lines.for_each(drop));
    let status = end_within(&mut child, PROMPTLY);
    status.map(outcome).inspect(|code| assert_eq!(*code, 0, "{by} at {line_with:?}: {seen:?}"))
}

#[test]
fn a_process_that_is_told_to_end_while_it_starts_ends_well() {
    for by in ["-TERM", "-INT", "-QUIT"] {
        for _ in 0..4 {
            let directory = tempdir().unwrap();
            let mut command = up(&directory, &["--demo", "--listen", "127.0.0.1:0"]);
            assert_eq!(ended_at(&mut command, "listening", by), Some(0));
        }
    }
}

#[test]
fn a_process_that_is_told_to_end_at_once_ends_well() {
    // Before it has read its settings: some of these come before the first instruction of the program, which
    // nobody can help; from the moment at which it blocks signals, all end well.
    let mut good = 0;
    for wait_ms in [3, 5, 10, 20, 50, 100] {
        let directory = tempdir().unwrap();
        let mut child = up(&directory, &["--listen", "127.0.0.1:0"]).spawn().unwrap();
        let blocked = || {
            let status = format!("/proc/{}/status", child.id());
            let status = std::fs::read_to_string(status).unwrap();
            let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:\t")).unwrap();
            u64::from_str_radix(mask, 16).unwrap() & (1 << 14) != 0
        };
        while !blocked() {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_millis(wait_ms));
        signal(child.id(), "-TERM");
        let status = end_within(&mut child, PROMPTLY);
        assert_eq!(status.map(outcome), Some(0), "after {wait_ms} ms");
        good += 1;
    }
    assert_eq!(good, 6);
}

#[test]
fn a_process_that_waits_for_a_store_ends_well() {
    let url = format!("postgres://u@127.0.0.1:{}/db", super::program::free_port());
    let arguments = ["worker", "--database-url", &url, "--amqp-url", "amqp://127.0.0.1:1/%2f"];
    let mut command = wsa(&arguments);
    command.args(["--listen", "127.0.0.1:0"]);
    assert_eq!(ended_at(&mut command, "waiting for", "-TERM"), Some(0));
}

#[test]
fn process_1_of_a_container_ends_well() {
    let mut may = Command::new("unshare");
    may.args(["--pid", "--fork", "--mount-proc", "true"]);
    if !may.stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("not run: this user may not make a process namespace");
        return;
    }
    for by in ["TERM", "INT"] {
        for _ in 0..4 {
            let directory = tempdir().unwrap();
            let mut command = Command::new("unshare");
            // The shell is outside: what `wsa` says leads to its number, which is not 1 there.
            command.args(["--pid", "--fork", "--mount-proc", env!("CARGO_BIN_EXE_wsa"), "up"]);
            command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(directory.path());
            let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            lines.by_ref().map(Result::unwrap).find(|line| line.contains("listening")).unwrap();
            std::thread::spawn(move || lines.for_each(drop));
            let children = format!("/proc/{0}/task/{0}/children", child.id());
            let inner = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
            signal(inner, &format!("-{by}"));
            let status = end_within(&mut child, PROMPTLY);
            if status.is_none() {
                signal(inner, "-KILL");
            }
            assert_eq!(status.map(outcome), Some(0), "{by}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_that_ask_for_nothing_are_logged_and_ignored() {
    let directory = tempdir().unwrap();
    let arguments = ["up", "--data-dir", directory.path().to_str().unwrap()];
    let mut process = Process::start(&arguments, &[]).await;
    process.until_ready_says(200).await;
    process.signal("-HUP");
    process.until_logged("SIGHUP: the settings were read again; nothing has changed").await;
    for name in ["USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "XFSZ"] {
        process.signal(&format!("-{name}"));
        process.until_logged(&format!("SIG{name}: ignored")).await;
    }
    process.signal("-PIPE");
    assert_eq!(process.client.get("/readyz").await.unwrap().status, 200);
    assert!(process.is_running());
    process.signal("-QUIT");
    process.until_logged("SIGQUIT: finishing what is in hand").await;
    process.until_logged("finished").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_process_that_drains_at_once() {
    let directory = tempdir().unwrap();
    let listen = format!("127.0.0.1:{}", super::program::free_port());
    let mut command = up(&directory, &["--demo", "--listen", &listen]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let client = Client::new(format!("http://{listen}"));
    eventually("the demo is there", async || {
        let client = client.with_token("demo");
        client.try_create("{}").await.is_ok_and(|reply| reply.text.contains("BadRequest"))
    })
    .await;
    // A request whose body does not come keeps it draining.
    let mut slow = std::net::TcpStream::connect(&listen).unwrap();
    let head = "POST /wsserverlp/api/v2/aggregators/Create HTTP/1.1\r\nHost: h\r\n\
                AggregatorAuthentication: demo\r\nContent-Type: application/json\r\n\
                Content-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
    // The service asks for the body: the request is in hand.
    let mut asked = [0; 12];
    std::io::Read::read_exact(&mut slow, &mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");
    signal(child.id(), "-TERM");
    lines.find(|line| line.contains("finishing what is in hand")).unwrap();
    signal(child.id(), "-TERM");
    lines.find(|line| line.contains("a second signal: ending at once")).unwrap();
    let status = end_within(&mut child, Duration::from_secs(2));
    assert_eq!(status.map(outcome), Some(128 + 15));
}

#[test]
fn a_start_that_fails_says_why_and_ends_with_1() {
    let (told, code) = said(&mut wsa(&["up", "--data-dir", "/proc/self"]), PROMPTLY);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("wsa: the data directory /proc/self cannot be written"), "{told}");
}
