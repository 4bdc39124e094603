//! `wsa health`, which asks a process whether it is ready.

use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::program::{free_port, said, wsa};
use crate::support::certificates::{Authority, Valid, text};
use crate::support::eventually;
use crate::support::process::Process;

const BOUND: Duration = Duration::from_secs(20);

fn health(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = wsa(&[&["health"], arguments].concat());
    command.envs(variables.iter().copied());
    command
}

/// What it prints as its result, and its code.
fn printed(mut command: Command) -> (String, Option<i32>) {
    let output = command.stdout(Stdio::piped()).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_ready_is_told_from_one_that_is_not_and_from_none() {
    let directory = TempDir::new().unwrap();
    let up = Process::start(&["up", "--data-dir", directory.path().to_str().unwrap()], &[]).await;
    up.until_ready_says(200).await;
    let url = up.client.url.clone();
    let ready = "ready: {\"store\":\"ok\",\"queue\":\"ok\",\"consuming\":\"ok\"}\n";
    assert_eq!(printed(health(&["--url", &url], &[])), (ready.into(), Some(0)));
    let listen = url.strip_prefix("http://").unwrap().replace("127.0.0.1", "0.0.0.0");
    assert_eq!(printed(health(&[], &[("WSA__HTTP__LISTEN", &listen)])), (ready.into(), Some(0)));
    up.terminate().await;

    let (told, code) = said(&mut health(&["--url", &url], &[]), BOUND);
    assert!(told.starts_with(&format!("wsa: no answer from {url}/readyz: ")), "{told}");
    assert_eq!((told.lines().count(), code), (1, Some(1)), "{told}");

    let nowhere = format!("postgres://wsa@127.0.0.1:{}/none", free_port());
    let waiting = [
        ("WSA__STORE__DATABASE_URL", &*nowhere),
        ("WSA__AMQP__URL", &format!("amqp://guest:guest@127.0.0.1:{}/%2f", free_port())),
    ];
    let worker = Process::start(&["worker"], &waiting).await;
    worker.until_ready_says(503).await;
    let (told, code) = said(&mut health(&["--url", &worker.client.url], &[]), BOUND);
    assert!(told.starts_with("wsa: not ready: {\"store\":\"starting\","), "{told}");
    assert_eq!((told.lines().count(), code), (1, Some(1)), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_process_is_asked_over_https_whatever_name_the_certificate_has() {
    let (authority, directory) = (Authority::new(), TempDir::new().unwrap());
    let issued = authority.server("api", "api.example", Valid::Now);
    let (certificate, key) = (text(&issued.certificate), text(&issued.key));
    let tls = [("WSA__HTTP__TLS__CERTIFICATE", &*certificate), ("WSA__HTTP__TLS__KEY", &*key)];
    let up = Process::start(&["up", "--data-dir", directory.path().to_str().unwrap()], &tls).await;
    let url = up.client.url.clone();
    let listen = url.strip_prefix("https://").unwrap();
    let variables = [&tls[..], &[("WSA__HTTP__LISTEN", listen)]].concat();
    eventually("it is ready", async || printed(health(&[], &variables)).1 == Some(0)).await;

    // A URL is somebody else's word for it: there the name counts.
    let (told, code) =
        said(&mut health(&["--url", &url, "--ca", &text(&authority.ca())], &[]), BOUND);
    assert!(told.contains("not valid for name"), "{told}");
    assert_eq!(code, Some(1));
}
