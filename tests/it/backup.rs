//! A backup of an embedded store, taken while it is served, restored, and served.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::ask::{Ask, code};
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::reference::{CASH, V2, seed};
use crate::support::stores::open_orders;

const ORDERS: usize = 2_000;
const CALLERS: usize = 8;

fn wsa(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsa")).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

/// Callers who pay one order after another, until they are told to stop.
struct Traffic {
    over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Vec<(TaskGuid, OrderGuid)>>>,
}

impl Traffic {
    fn start(client: &Client, orders: &[OrderGuid]) -> Traffic {
        let over: Arc<AtomicBool> = Arc::default();
        let callers: Vec<_> = (0..CALLERS)
            .map(|n| {
                let (client, over) = (client.clone(), Arc::clone(&over));
                let own: Vec<OrderGuid> = orders.iter().skip(n).step_by(CALLERS).copied().collect();
                tokio::spawn(async move {
                    let mut accepted = Vec::new();
                    for order in own {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
                        accepted.push((client.submit(&ask).await, order));
                    }
                    accepted
                })
            })
            .collect();
        Traffic { over, callers }
    }

    async fn end(self) -> Vec<(TaskGuid, OrderGuid)> {
        self.over.store(true, Ordering::Relaxed);
        let mut accepted = Vec::new();
        for caller in self.callers {
            accepted.extend(caller.await.unwrap());
        }
        accepted
    }
}

async fn serve(directory: &Path) -> Process {
    let process = Process::start(&["up", "--data-dir", directory.to_str().unwrap()], &[]).await;
    process.until_ready_says(200).await;
    process
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_under_traffic_is_sound_and_served_as_of_its_moment() {
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    seed(&store).await;
    let orders = open_orders(&store, V2, "10.00", ORDERS).await;
    drop(store);
    let (_, directory) = place.settings();
    let process = serve(Path::new(&directory)).await;
    let traffic = Traffic::start(&process.client, &orders);
    let tasks = "SELECT count(*) FROM tasks";
    eventually("payments come in", async || place.number(tasks).await > 50).await;

    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("wsa.sqlite3");
    let (from, to) = (directory.clone(), file.to_str().unwrap().to_owned());
    let back_up = move || wsa(&["backup", "--data-dir", &from, "--to", &to]);
    let output = tokio::task::spawn_blocking(back_up.clone()).await.unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("bytes, checked"), "{}", told(&output));
    let kept = std::fs::metadata(&file).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&kept.permissions()) & 0o777, 0o600);
    let there: Vec<_> = std::fs::read_dir(other.path()).unwrap().collect();
    assert_eq!(there.len(), 1, "it stands alone: {there:?}");
    let again = tokio::task::spawn_blocking(back_up).await.unwrap();
    assert!(
        !again.status.success() && told(&again).contains("is there already"),
        "{}",
        told(&again)
    );

    // Then more is accepted, and the machine is lost.
    let before = place.number(tasks).await;
    eventually("more come in", async || place.number(tasks).await > before + 50).await;
    let accepted = traffic.end().await;
    process.kill().await;

    let restored = other.path().to_str().unwrap();
    let audit = wsa(&["audit", "--data-dir", restored]);
    assert!(audit.status.success(), "{}", told(&audit));
    let process = serve(other.path()).await;
    let (mut kept, mut lost) = (0, Vec::new());
    for (guid, order) in &accepted {
        match code(&process.client.answer(*guid).await) {
            "done" => kept += 1,
            "TaskNotFound" => lost.push(*order),
            other => panic!("task {guid}: {other}"),
        }
    }
    println!(
        "of {} payments {kept} are in the backup, {} came after it",
        accepted.len(),
        lost.len()
    );
    assert!(kept > 0 && lost.len() >= 50, "{kept} kept, {} lost", lost.len());
    // What came after the moment has never been, here: the order is open, and is paid by who asks again.
    let again = process.client.pay(V2, lost[0], "10.00").await;
    assert_eq!(code(&process.client.answer(again).await), "done");
    assert!(process.terminate().await.success());
    let audit = wsa(&["audit", "--data-dir", restored]);
    assert!(audit.status.success(), "{}", told(&audit));
}

#[test]
fn a_backup_of_what_is_not_there_or_not_ours_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let file = directory.path().join("copy");
    let to = file.to_str().unwrap();
    let output = wsa(&["backup", "--data-dir", path, "--to", to]);
    assert!(
        !output.status.success() && told(&output).contains("there is no store at"),
        "{}",
        told(&output)
    );
    let output = wsa(&["backup", "--database-url", "postgres://h/db", "--to", to]);
    assert!(told(&output).contains("pg_basebackup"), "{}", told(&output));
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 0, "nothing is left behind");
}
