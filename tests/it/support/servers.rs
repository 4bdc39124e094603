//! The servers that `scripts/test` provides.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The PostgreSQL server, as one who may create databases.
pub fn database_url() -> String {
    variable("WSA_TEST_DATABASE_URL")
}

/// The RabbitMQ server.
pub fn amqp_url() -> String {
    variable("WSA_TEST_AMQP_URL")
}

/// The management API of the RabbitMQ server, as an administrator; `None` when it has none.
pub fn management_url() -> Option<String> {
    std::env::var("WSA_TEST_MANAGEMENT_URL").ok().filter(|url| !url.is_empty())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need PostgreSQL and RabbitMQ, run ./scripts/test")
    })
}

/// The scripts that stop and start the servers; `None` for servers that are not ours to stop.
pub fn controls() -> Option<PathBuf> {
    std::env::var_os("WSA_TEST_SERVERS_DIR").map(PathBuf::from)
}

/// Has a server `stop`, `start` or `restart`, and waits until it did.
pub async fn control(server: &'static str, action: &'static str) {
    let script = controls().expect("there are control scripts").join(server);
    let run = move || {
        // Without our standard streams: a server that kept them would keep the test run from ending.
        let mut command = Command::new(script);
        command.arg(action).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap()
    };
    let status = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(status.success(), "{server} {action}: {status}");
}
