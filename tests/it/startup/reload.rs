//! SIGHUP has the settings read again: what can take effect does, what cannot is named, and wrong ones change nothing.

use std::path::Path;
use std::process::Command;

use crate::support::ask::Ask;
use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::Prefix;
use crate::support::reference::{V2, seed};
use crate::support::servers;

/// How many of so many requests at once are accepted.
async fn accepted(client: &Client, requests: usize) -> usize {
    let ask = Ask::order_list(V2).asynchronous().to_string();
    let mut accepted = 0;
    for _ in 0..requests {
        let reply = client.try_create(&ask).await.unwrap();
        accepted += usize::from(reply.status != 429);
    }
    accepted
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_the_filter_of_the_log_take_effect_and_the_rest_is_named() {
    let place = Place::migrated(Stores::Sqlite).await;
    seed(&place.open()).await;
    let (_, directory) = place.settings();
    let file = Path::new(&directory).join("wsa.toml");
    write(&file, "[worker]\nbatch = 16\n");
    let arguments = ["up", "--data-dir", &directory, "--config", file.to_str().unwrap()];
    let process = Process::start(&arguments, &[]).await;
    process.until_ready_says(200).await;
    assert_eq!(accepted(&process.client, 40).await, 40);

    let changed = "[worker]\nbatch = 32\n[limits]\nrequests_per_s = 1\nburst = 5\n\
                   [log]\nfilter = \"info,wsa::boot=debug\"\n";
    write(&file, changed);
    process.signal("-HUP");
    let line = process.until_logged("SIGHUP: the settings were read again").await;
    for part in [
        "changed: limits.burst from 4000 to 5, limits.requests_per_s from 2000 to 1, \
         log.filter from \"info\" to \"info,wsa::boot=debug\"",
        "not before a restart: worker.batch from 16 to 32",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let few = accepted(&process.client, 40).await;
    assert!((5..15).contains(&few), "{few} of 40 were accepted");

    // What needs a restart is named again and again; what has taken effect is not.
    write(&file, &changed.replace("burst = 5", "burst = 6"));
    process.signal("-HUP");
    let line = process.until_logged("changed: limits.burst from 5 to 6").await;
    assert!(
        line.ends_with(
            "limits.burst from 5 to 6; not before a restart: worker.batch from 16 to 32"
        ),
        "{line}"
    );

    write(&file, "[limits]\nrequests_per_s = 0\n[log]\nfilter = \"warn\"\n[worker]\nbatch = 16\n");
    process.signal("-HUP");
    eventually("there is no limit any more", async || accepted(&process.client, 40).await == 40)
        .await;
    let before = process.log();
    process.signal("-USR1");
    process.signal("-HUP");
    assert_eq!(process.client.get("/readyz").await.unwrap().status, 200);
    assert!(
        !process.log()[before.len()..].contains("INFO"),
        "the filter lets warnings through alone"
    );
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_wrong_change_nothing_and_are_told_as_by_config_check() {
    let place = Place::migrated(Stores::Sqlite).await;
    seed(&place.open()).await;
    let (_, directory) = place.settings();
    let file = Path::new(&directory).join("wsa.toml");
    write(&file, "[limits]\nrequests_per_s = 1\nburst = 5\n");
    let path = file.to_str().unwrap();
    let arguments = ["up", "--data-dir", &directory, "--config", path];
    let mut process = Process::start(&arguments, &[]).await;
    process.until_ready_says(200).await;
    for (number, wrong) in [
        "[limits]\nrequests_per_s = 0\nburst = \"many\"\n",
        "[limits]\nrequests_per_s = 0\nbursts = 7\n",
        "[limits]\nrequests_per_s = 0\n[log]\nfilter = \"wsa=loud\"\n",
        "[limits\nrequests_per_s = 0\n",
        "[limits]\nrequests_per_s = 0\n[http.tls]\ncertificate = \"/none.pem\"\n",
    ]
    .into_iter()
    .enumerate()
    {
        write(&file, wrong);
        let check = Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args(["config", "check", "--data-dir", &directory, "--config", path])
            .output()
            .unwrap();
        assert!(!check.status.success(), "{wrong}");
        let text = String::from_utf8([check.stdout, check.stderr].concat()).unwrap();
        let problem = text.trim_start_matches("wsa: ").lines().next().unwrap().to_owned();
        process.signal("-HUP");
        let line = process.until_logged(&format!("SIGHUP: nothing is changed: {problem}")).await;
        assert!(line.contains("ERROR"), "{number}: {line}");
    }
    let few = accepted(&process.client, 40).await;
    assert!((5..15).contains(&few), "the limit is as it was: {few} of 40 were accepted");
    // A certificate that is not there cannot be begun with either: that is found before anything is changed.
    write(
        &file,
        "[limits]\nrequests_per_s = 0\n[http.tls]\ncertificate = \"/none.pem\"\nkey = \"/none.key\"\n",
    );
    process.signal("-HUP");
    process.until_logged("SIGHUP: nothing is changed: the setting http.tls.certificate").await;
    assert!(process.is_running());
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_reads_its_settings_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("wsa.toml");
    for role in ["api", "worker"] {
        let (database, prefix) = (Database::migrated().await, Prefix::fresh());
        write(&file, "");
        let variables = [
            ("WSA__STORE__DATABASE_URL", &*database.url()),
            ("WSA__AMQP__URL", &*servers::amqp_url()),
            ("WSA__AMQP__PREFIX", &*prefix.0),
            ("WSA_CONFIG", file.to_str().unwrap()),
        ];
        let process = Process::start(&[role], &variables).await;
        process.until_ready_says(200).await;
        write(&file, "[limits]\nfair_share = 7\n[store]\npool_size = 5\n");
        process.signal("-HUP");
        let line = process.until_logged("SIGHUP: the settings were read again").await;
        let told = "changed: limits.fair_share from 256 to 7; not before a restart: store.pool_size from 12 to 5";
        assert!(line.ends_with(told), "{role}: {line}");
        assert!(process.terminate().await.success());
    }
}
