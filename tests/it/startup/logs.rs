//! A log that nobody reads holds nobody up.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::Duration;

use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::program::{end_within, free_port, outcome, signal, up};
use crate::support::client::Client;
use crate::support::eventually;

/// `wsa up` whose streams are pipes that nobody reads, with a log that fills one within seconds.
fn unread(directory: &TempDir, format: &str, more: &[&str]) -> (Child, Client) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let mut command = up(directory, &["--listen", &listen]);
    command.args(more).env("WSA__LOG__FILTER", "trace").env("WSA__LOG__FORMAT", format);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    (child, Client::new(format!("http://{listen}")))
}

/// Connections that speak no HTTP, a line of the log each.
async fn cause_lines(client: &Client, count: usize) {
    let address = client.url.strip_prefix("http://").unwrap();
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"\x16\x03\x01\r\n\r\n").await.unwrap();
        // Whatever it says to that.
        drop(stream.read_to_end(&mut Vec::new()).await);
    }
}

async fn dropped(client: &Client) -> u64 {
    let metrics = client.get("/metrics").await.unwrap().text;
    let line = metrics.lines().find(|line| line.starts_with("wsa_log_lines_dropped_total"));
    line.and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap()
}

async fn work_goes_on(format: &str) {
    let directory = tempdir().unwrap();
    let (mut child, client) = unread(&directory, format, &["--demo"]);
    eventually("it is ready", async || {
        client.get("/readyz").await.is_ok_and(|reply| reply.status == 200)
    })
    .await;
    // The pipe is full, then the queue in front of it.
    eventually("lines are dropped", async || {
        cause_lines(&client, 500).await;
        dropped(&client).await > 0
    })
    .await;
    assert_eq!(client.get("/readyz").await.unwrap().status, 200);
    // Somebody reads again.
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let (found, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.filter(|line| line.contains("log lines were dropped")) {
            let _ = found.send(line);
        }
    });
    let line = told.recv_timeout(Duration::from_secs(30)).unwrap();
    if format == "json" {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["level"], "WARN");
        assert!(line["dropped"].as_u64().unwrap() > 0, "{line}");
    }
    signal(child.id(), "-TERM");
    assert_eq!(end_within(&mut child, Duration::from_secs(10)).map(outcome), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_nobody_reads_are_dropped_and_counted_and_work_goes_on() {
    work_goes_on("text").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_in_json() {
    work_goes_on("json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_well_although_nobody_reads_its_log() {
    let directory = tempdir().unwrap();
    let (mut child, client) = unread(&directory, "text", &[]);
    eventually("it answers", async || client.get("/healthz").await.is_ok()).await;
    cause_lines(&client, 1500).await;
    signal(child.id(), "-TERM");
    assert_eq!(end_within(&mut child, Duration::from_secs(5)).map(outcome), Some(0));
}

#[test]
fn streams_whose_readers_are_gone_hold_nobody_up() {
    let directory = tempdir().unwrap();
    let (mut child, client) = unread(&directory, "text", &["--demo"]);
    drop((child.stdout.take(), child.stderr.take()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(eventually("it is ready", async || {
        client.get("/readyz").await.is_ok_and(|reply| reply.status == 200)
    }));
    assert!(runtime.block_on(dropped(&client)) > 0, "what nobody will read is counted");
    signal(child.id(), "-TERM");
    assert_eq!(end_within(&mut child, Duration::from_secs(5)).map(outcome), Some(0));
}

#[test]
fn the_last_lines_of_an_orderly_end_are_written() {
    for format in ["text", "json"] {
        let directory = tempdir().unwrap();
        let mut command = up(&directory, &["--listen", "127.0.0.1:0"]);
        command.env("WSA__LOG__FORMAT", format).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0);
        }
        signal(child.id(), "-TERM");
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(outcome(child.wait().unwrap()), 0);
        assert!(rest.contains("SIGTERM: finishing what is in hand"), "{rest}");
    }
}
