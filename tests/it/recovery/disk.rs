//! A disk with no room.

use std::fs::{File, remove_file};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use wsa::domain::task::OrderGuid;
use wsa::engine::store::Store;
use wsa::protocols;

use super::{payment, until_paid};
use crate::support::ask::Ask;
use crate::support::audit;
use crate::support::database::store_at;
use crate::support::process::Process;
use crate::support::reference::{V2, seed};
use crate::support::small_postgres::SmallPostgres;
use crate::support::stores::open_orders;

/// A file system of this size in a directory, gone when dropped.
struct Small<'a>(&'a Path);

impl Small<'_> {
    fn mount(at: &Path) -> Option<Small<'_>> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(at);
        mount.status().is_ok_and(|status| status.success()).then_some(Small(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        // Whoever still has files open in it keeps it until then.
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

/// Has a process refused every write, and lets it write again: by the disk's size where that can be had.
enum Fault<'a> {
    Full(Small<'a>),
    /// The same, of the database.
    Database(&'a SmallPostgres),
    /// As a quota does: no file may grow.
    Quota,
}

impl Fault<'_> {
    fn begin(&self, process: &Process) {
        match self {
            Fault::Full(Small(at)) => {
                let mut filler = File::create(at.join("filler")).unwrap();
                while filler.write_all(&[0; 4096]).is_ok() {}
            }
            Fault::Database(server) => server.fill(),
            Fault::Quota => limit(process, "1:unlimited"),
        }
    }

    fn end(&self, process: &Process) {
        match self {
            Fault::Full(Small(at)) => remove_file(at.join("filler")).unwrap(),
            Fault::Database(server) => server.free(),
            Fault::Quota => limit(process, "unlimited:unlimited"),
        }
    }
}

fn limit(process: &Process, sizes: &str) {
    let mut command = Command::new("prlimit");
    command.args(["--pid", &process.id().to_string(), &format!("--fsize={sizes}")]);
    assert!(command.status().unwrap().success());
}

/// What is refused is refused for want of room, and all that was accepted is carried out when there is room again.
async fn nothing_is_accepted_that_cannot_be_written(
    process: &Process,
    fault: &Fault<'_>,
    orders: &[OrderGuid],
) {
    process.until_ready_says(200).await;
    let client = &process.client;
    let mut accepted = vec![client.submit(&payment(orders[0])).await];
    fault.begin(process);
    // What is there already of the write-ahead log may be written over: but not for long.
    let large = "x".repeat(100_000);
    let mut refused = 0;
    for order in orders[1..30].iter().cycle().take(300) {
        let ask = Ask::get_order(V2, *order).with("unread", large.as_str());
        let reply = client.create(&ask.asynchronous()).await;
        accepted.extend(reply.accepted());
        if reply.accepted().is_none() {
            assert_eq!(reply.status, 503, "{reply:?}");
            refused += 1;
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "there was room for {} tasks", accepted.len());
    process.until_ready_says(503).await;
    fault.end(process);
    until_paid("the disk was full", client, &orders[30..]).await;
    for guid in accepted {
        client.answer(guid).await;
    }
    process.until_ready_says(200).await;
}

async fn with_orders(store: &Store) -> Vec<OrderGuid> {
    store.migrate().await.unwrap();
    seed(store).await;
    open_orders(store, V2, "10.00", 40).await
}

async fn on_sqlite(directory: &Path, fault: Fault<'_>) {
    let file = directory.join("wsa.sqlite3");
    let orders = with_orders(&Store::sqlite(&file, protocols::ALL.protocols()).unwrap()).await;
    let up = ["up", "--data-dir", directory.to_str().unwrap()];
    // Or the process would end by a signal instead of being told.
    let process = Process::bounded("trap '' XFSZ", &up, &[]).await;
    nothing_is_accepted_that_cannot_be_written(&process, &fault, &orders).await;
    assert!(process.terminate().await.success());
    audit::assert_sound(&Store::sqlite(&file, protocols::ALL.protocols()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_that_cannot_be_written_on_a_full_disk() {
    let directory = tempfile::TempDir::new().unwrap();
    let Some(small) = Small::mount(directory.path()) else {
        println!("not run: only an administrator may mount a small file system");
        return;
    };
    on_sqlite(directory.path(), Fault::Full(small)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_that_postgresql_has_no_room_for() {
    let directory = tempfile::TempDir::new().unwrap();
    if Small::mount(directory.path()).is_none() {
        println!("not run: only an administrator may mount a small file system");
        return;
    }
    let server = SmallPostgres::start().await;
    let url = &server.url;
    let orders = with_orders(&store_at(url)).await;
    let process = Process::start(&["up", "--database-url", url], &[]).await;
    nothing_is_accepted_that_cannot_be_written(&process, &Fault::Database(&server), &orders).await;
    assert!(process.terminate().await.success());
    audit::assert_sound(&store_at(url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_that_cannot_be_written_beyond_a_quota() {
    let directory = tempfile::TempDir::new().unwrap();
    on_sqlite(directory.path(), Fault::Quota).await;
}
