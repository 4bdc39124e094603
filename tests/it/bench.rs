//! `wsa bench`: what it measures beside the throughput, and what it refuses.

use std::process::Command;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::servers;

fn bench(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    // Queues that no other test uses.
    command.env("WSA__AMQP__PREFIX", format!("bench-{}", uuid::Uuid::new_v4().simple()));
    let output = command.arg("bench").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn figures(arguments: Vec<String>) -> Value {
    let run = move || bench(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (code, told, log) = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(code, Some(0), "{told}{log}");
    serde_json::from_str(&told).unwrap()
}

fn on_servers(database: &Database, more: &[&str]) -> Vec<String> {
    let (store, broker) = (database.url(), servers::amqp_url());
    let of_servers = ["--json", "--database-url", &store, "--amqp-url", &broker];
    of_servers.iter().chain(more).map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_at_a_rate_are_measured_from_the_moment_at_which_they_are_due() {
    let database = Database::empty().await;
    let more =
        ["--processes", "--stale-statistics", "--rate", "20", "--seconds", "2", "--poll-ms", "2"];
    let seen = figures(on_servers(&database, &more)).await;
    assert_eq!((&seen["orders"], &seen["paid"]), (&40.into(), &40.into()));
    assert_eq!(seen["open_loop"]["rate_per_s"], 20);
    let submitted = seen["open_loop"]["submitted_p50_ms"].as_f64().unwrap();
    assert!(submitted > 0.0 && submitted <= seen["p50_ms"].as_f64().unwrap(), "{seen}");
    // The last is due 1.95 s after the first.
    assert!(seen["completed_per_s"].as_f64().unwrap() < 21.0, "{seen}");
    let parts: Vec<_> = seen["processor_ms"].as_object().unwrap().keys().collect();
    assert_eq!(parts, ["API", "PostgreSQL", "RabbitMQ", "client", "worker"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_is_drained_second_by_second() {
    let database = Database::empty().await;
    let seen = figures(on_servers(&database, &["--backlog", "300"])).await;
    assert_eq!((&seen["queued"], &seen["answered"]), (&300.into(), &300.into()));
    let curve = seen["answered_each_s"].as_array().unwrap();
    assert_eq!(curve.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 300, "{seen}");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    for (arguments, why) in [
        (&["--backlog", "10"][..], "--backlog needs servers"),
        (&["--processes"], "--processes needs servers"),
        (&["--stale-statistics"], "--stale-statistics needs PostgreSQL"),
        (&["--rate", "0"], "0 is not in 1..=100000"),
        (&["--seconds", "5"], "--rate"),
    ] {
        let (code, _, told) = bench(arguments);
        assert_ne!(code, Some(0), "{arguments:?}");
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
}
