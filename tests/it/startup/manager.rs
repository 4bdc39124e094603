//! What the service manager is told by each role, on a real socket, under real signals.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::UnixDatagram;

use crate::support::BOUND;
use crate::support::database::Database;
use crate::support::process::Process;
use crate::support::queues::Prefix;
use crate::support::servers;

/// The watchdog of these processes, and how long a sign of life may take: they come thrice as often.
const WATCHDOG: Duration = Duration::from_secs(3);

/// Who is told.
struct Manager {
    socket: UnixDatagram,
    _directory: TempDir,
    path: PathBuf,
    heard: Vec<String>,
}

impl Manager {
    fn listening() -> Manager {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Manager { socket, _directory: directory, path, heard: Vec::new() }
    }

    /// What systemd sets for a process.
    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("NOTIFY_SOCKET", self.path.to_str().unwrap().to_owned()),
            ("WATCHDOG_USEC", WATCHDOG.as_micros().to_string()),
        ]
    }

    /// The next datagram, when it comes in time.
    async fn next(&mut self, within: Duration) -> Option<String> {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(within, self.socket.recv(&mut buffer)).await.ok()?.unwrap();
        let text = String::from_utf8(buffer[..read].to_vec()).unwrap();
        self.heard.push(text.clone());
        Some(text)
    }

    /// The next datagram that has such a line.
    async fn until(&mut self, line: &str) -> String {
        let until = Instant::now() + BOUND;
        while let Some(text) = self.next(until.saturating_duration_since(Instant::now())).await {
            if text.lines().any(|told| told.starts_with(line)) {
                return text;
            }
        }
        panic!("{line} was not told; heard: {:#?}", self.heard);
    }

    /// A sign of life came, and no later than it must.
    async fn lives(&mut self) {
        let since = Instant::now();
        self.until("WATCHDOG=1").await;
        assert!(since.elapsed() < WATCHDOG, "after {:?}", since.elapsed());
    }

    fn told(&self, line: &str) -> bool {
        self.heard.iter().any(|text| text.lines().any(|told| told == line))
    }
}

fn of<'a>(variables: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    variables.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// From its start over a reload and an outage of its store to its end.
async fn a_role_tells_how_it_is(role: &str) {
    let (database, prefix) = (Database::migrated().await, Prefix::fresh());
    let mut manager = Manager::listening();
    let mut variables = manager.variables();
    variables.push(("WSA__STORE__DATABASE_URL", database.url()));
    variables.push(("WSA__AMQP__URL", servers::amqp_url()));
    variables.push(("WSA__AMQP__PREFIX", prefix.0.clone()));
    let mut process = Process::start(&[role], &of(&variables)).await;

    manager.until("READY=1").await;
    assert_eq!(process.client.get("/readyz").await.unwrap().status, 200, "ready means ready");
    manager.lives().await;
    manager.lives().await;

    process.signal("-HUP");
    let told = manager.until("RELOADING=1").await;
    let at = told.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC=")).expect(&told);
    assert!(at.parse::<u64>().unwrap() > 0, "{told}");
    manager.until("READY=1").await;
    process.until_logged("SIGHUP: the settings were read again").await;
    assert!(process.is_running());

    // A restart would not bring the store back.
    database.shut().await;
    manager.until("STATUS=not ready: store").await;
    for _ in 0..5 {
        manager.lives().await;
    }
    database.open_again().await;
    manager.until("STATUS=ready").await;

    assert!(process.terminate().await.success());
    let told = manager.until("STOPPING=1").await;
    assert!(told.contains("EXTEND_TIMEOUT_USEC=25000000"), "shutdown.drain_s and 5 s: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_one_process_tells_how_it_is() {
    a_role_tells_how_it_is("up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_tells_how_it_is() {
    a_role_tells_how_it_is("api").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_tells_how_it_is() {
    a_role_tells_how_it_is("worker").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_waits_for_its_store_is_a_start_that_takes_long() {
    let mut manager = Manager::listening();
    let mut variables = manager.variables();
    let nobody = format!("postgres://u@127.0.0.1:{}/db", super::program::free_port());
    variables.push(("WSA__STORE__DATABASE_URL", nobody));
    variables.push(("WSA__AMQP__URL", "amqp://127.0.0.1:1/%2f".to_owned()));
    let mut process = Process::start(&["worker"], &of(&variables)).await;
    manager.until("STATUS=not ready: store: starting").await;
    for _ in 0..3 {
        manager.until("EXTEND_TIMEOUT_USEC=30000000").await;
    }
    manager.lives().await;
    process.signal("-HUP");
    process.until_logged("SIGHUP: the settings were read again").await;
    manager.lives().await;
    assert!(process.is_running());
    assert!(!manager.told("READY=1") && !manager.told("RELOADING=1"), "{:?}", manager.heard);
    assert!(process.terminate().await.success());
    manager.until("STOPPING=1").await;
}
