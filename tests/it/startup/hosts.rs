//! Several hosts in `store.database_url`, as libpq takes them.

use tokio::net::TcpListener;
use url::Url;

use super::program::free_port;
use crate::support::database::Database;
use crate::support::process::Process;

/// The URL with this host in front of the one that works.
fn after(first: &str, url: &str, more: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    format!("postgres://{}@{first},{host}:{port}{}{more}", url.username(), url.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_refuses_or_says_nothing_is_passed_over() {
    let database = Database::migrated().await;
    let refuses = format!("127.0.0.1:{}", free_port());
    // Takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let says_nothing = silent.local_addr().unwrap().to_string();
    for first in [refuses, says_nothing] {
        let url = after(&first, &database.url(), "?target_session_attrs=read-write&sslmode=prefer");
        let process = Process::start(&["up", "--database-url", &url], &[]).await;
        process.until_ready_says(200).await;
        // After an outage, too.
        database.shut().await;
        process.until_ready_says(503).await;
        database.open_again().await;
        process.until_ready_says(200).await;
        assert!(process.terminate().await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_host_is_there_the_log_says_why() {
    let url = format!("postgres://u@127.0.0.1:{},127.0.0.1:{}/db", free_port(), free_port());
    let process = Process::start(&["up", "--database-url", &url], &[]).await;
    process.until_logged("waiting for the store: ").await;
    process.until_logged("Connection refused").await;
    assert!(process.terminate().await.success());
}
