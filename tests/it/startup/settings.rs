//! Settings of a process's environment: texts stay as they are written.

use std::time::Duration;

use tempfile::tempdir;

use super::program::{said, wsa};
use crate::support::process::Process;

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_looks_like_a_number_is_made_by_its_name() {
    let directory = tempdir().unwrap();
    let inside = format!("cd {}", directory.path().display());
    let variables = [
        ("WSA__STORE__DATA_DIR", "0755"),
        ("WSA__AMQP__PREFIX", "1e3"),
        ("WSA__ACTIVEPLATFORM__UTC_OFFSET", "+0545"),
    ];
    let process = Process::bounded(&inside, &["up"], &variables).await;
    process.until_ready_says(200).await;
    assert!(directory.path().join("0755/wsa.sqlite3").is_file());
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_feed_at_the_end_of_a_url_is_left_out_and_told() {
    let database = crate::support::database::Database::migrated().await;
    let url = format!("{}\n", database.url());
    let amqp = format!(" {}\n", crate::support::servers::amqp_url());
    let prefix = crate::support::queues::Prefix::fresh();
    let variables = [
        ("WSA__STORE__DATABASE_URL", url.as_str()),
        ("WSA__AMQP__URL", &amqp),
        ("WSA__AMQP__PREFIX", &prefix.0),
    ];
    let process = Process::start(&["api"], &variables).await;
    process.until_ready_says(200).await;
    process.until_logged("store.database_url has white space at an end").await;
    process.until_logged("amqp.url has white space at an end").await;
    assert!(process.terminate().await.success());
}

#[test]
fn a_setting_that_cannot_be_read_ends_the_start_with_its_name() {
    for (name, value, told) in [
        ("WSA__WORKER__LANES", "", "the setting worker.lanes is empty: it must be a whole number"),
        ("WSA__AMQP__PREFIX", "a\n", "the setting amqp.prefix has white space at an end"),
        ("WSA__STORE__DATABASE_URL", "postgres://h/d\nb", "store.database_url has a control char"),
    ] {
        let (said, code) = said(wsa(&["up"]).env(name, value), Duration::from_secs(10));
        assert!(said.contains(told) && code == Some(1), "{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_a_data_directory_is_refused_by_name() {
    let directory = tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let first = Process::start(&["up", "--data-dir", path], &[]).await;
    let arguments = ["up", "--data-dir", path, "--listen", "127.0.0.1:0"];
    let (told, code) = said(&mut wsa(&arguments), Duration::from_secs(10));
    let who = format!("another `wsa up` (process {}) uses the data directory", first.id());
    assert!(told.contains(&who) && code == Some(1), "{told}");
    first.kill().await;
    let second = Process::start(&["up", "--data-dir", path], &[]).await;
    assert!(second.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_trusts_nobody_is_told_of_at_the_start() {
    let directory = tempdir().unwrap();
    let arguments = ["up", "--data-dir", directory.path().to_str().unwrap()];
    let variables = [("SSL_CERT_FILE", "/nowhere/ca.pem"), ("SSL_CERT_DIR", "/nowhere")];
    let process = Process::start(&arguments, &variables).await;
    process.until_logged("the system trusts no certificate, so no https:// URL").await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}
