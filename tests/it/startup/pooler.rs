//! pgbouncer between this program and PostgreSQL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use url::Url;

use super::program::{free_port, said, wsa};
use crate::support::ask::Ask;
use crate::support::database::{Database, store_at};
use crate::support::process::Process;
use crate::support::reference::{CASH, V2, seed};
use crate::support::stores::open_orders;

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// pgbouncer in front of the test's server. Ended when dropped.
struct Pooler {
    child: Child,
    port: u16,
    _files: TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop((self.child.kill(), self.child.wait()));
    }
}

impl Pooler {
    /// `None` where it is not installed.
    async fn start(database: &Database, mode: &str, more: &str) -> Option<Pooler> {
        if !Path::new(PROGRAM).exists() {
            println!("not run: there is no {PROGRAM}; install the package pgbouncer");
            return None;
        }
        let server = Url::parse(&database.url()).unwrap();
        let files = tempfile::tempdir().unwrap();
        let port = free_port();
        let ini = files.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\n{more}\n",
            server.host_str().unwrap(),
            server.port().unwrap(),
            server.username(),
        );
        std::fs::write(&ini, text).unwrap();
        // It refuses to run as root.
        let mut command = Command::new("setpriv");
        if std::fs::metadata("/proc/self")
            .map(|own| std::os::unix::fs::MetadataExt::uid(&own))
            .unwrap()
            == 0
        {
            command.args(["--reuid=nobody", "--clear-groups"]);
            let open =
                <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
            std::fs::set_permissions(files.path(), open).unwrap();
        }
        command.arg(PROGRAM).arg(&ini).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Pooler { child, port, _files: files };
        crate::support::eventually("pgbouncer listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        Some(pooler)
    }

    fn url(&self, database: &Database) -> String {
        let mut url = Url::parse(&database.url()).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.into()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_shares_connections_between_transactions_is_refused_by_name() {
    let database = Database::empty().await;
    for (mode, more) in [
        ("transaction", ""),
        ("transaction", "default_pool_size = 1"),
        ("transaction", "server_round_robin = 1\nmin_pool_size = 5"),
        ("statement", ""),
    ] {
        let Some(pooler) = Pooler::start(&database, mode, more).await else { return };
        let url = pooler.url(&database);
        for arguments in [
            &["migrate", "--database-url", &url][..],
            &["up", "--database-url", &url, "--listen", "127.0.0.1:0"],
        ] {
            let mut command = wsa(arguments);
            let run = move || said(&mut command, Duration::from_secs(20));
            let (told, code) = tokio::task::spawn_blocking(run).await.unwrap();
            assert!(
                told.contains("Set store.pool_mode = \"transaction\""),
                "{mode} {more}: {arguments:?}: {told}"
            );
            assert_eq!(code, Some(1));
        }
    }
    let tables = "SELECT count(*) AS made FROM pg_class WHERE relname = 'wsa_migrations'";
    let made: i64 = database.connect().await.query_one(tables, &[]).await.unwrap().get("made");
    assert_eq!(made, 0, "nothing is migrated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_keeps_connections_apart_is_used() {
    let database = Database::empty().await;
    let Some(pooler) = Pooler::start(&database, "session", "").await else { return };
    let process = Process::start(&["up", "--database-url", &pooler.url(&database)], &[]).await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}

/// How many orders are paid at once.
const ORDERS: usize = 96;

#[tokio::test(flavor = "multi_thread")]
async fn payments_go_through_a_pooler_that_shares_connections_between_transactions() {
    let by_transaction = [("WSA__STORE__POOL_MODE", "transaction")];
    for more in ["default_pool_size = 2", "server_round_robin = 1\nmin_pool_size = 4"] {
        let database = Database::empty().await;
        let Some(pooler) = Pooler::start(&database, "transaction", more).await else { return };
        let url = pooler.url(&database);
        // Both migrate, from nothing; the second finds nothing to do.
        let one = Process::start(&["up", "--database-url", &url], &by_transaction).await;
        let other = Process::start(&["up", "--database-url", &url], &by_transaction).await;
        one.until_ready_says(200).await;
        other.until_ready_says(200).await;
        let store = store_at(&database.url());
        seed(&store).await;
        let orders = open_orders(&store, V2, "10.00", ORDERS).await;
        let payments = orders.iter().enumerate().map(|(n, order)| {
            let client = if n % 2 == 0 { &one.client } else { &other.client };
            let (client, order) = (client.clone(), *order);
            tokio::spawn(async move {
                let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
                client.create(&ask.synchronous()).await.json()
            })
        });
        for payment in payments.collect::<Vec<_>>() {
            let answer = payment.await.unwrap();
            assert_eq!(answer["error"], serde_json::Value::Null, "{more}: {answer}");
        }
        let mut audit = wsa(&["audit", "--database-url", &url]);
        audit.envs(by_transaction);
        let run = move || said(&mut audit, Duration::from_secs(60));
        let (told, code) = tokio::task::spawn_blocking(run).await.unwrap();
        assert_eq!(code, Some(0), "{told}");
        for process in [one, other] {
            let log = process.log();
            let of_store = log.lines().find(|line| {
                line.contains("prepared statement") || line.contains("does not exist")
            });
            assert_eq!(of_store, None, "{log}");
            assert!(log.contains("no statement_timeout bounds single statements"), "{log}");
            assert!(process.terminate().await.success());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_shares_connections_between_statements_is_of_no_use() {
    let database = Database::empty().await;
    let Some(pooler) = Pooler::start(&database, "statement", "").await else { return };
    let url = pooler.url(&database);
    let mut command = wsa(&["migrate", "--database-url", &url]);
    command.env("WSA__STORE__POOL_MODE", "transaction");
    let run = move || said(&mut command, Duration::from_secs(20));
    let (told, code) = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(told.contains("A pool_mode of statement cannot be used"), "{told}");
    assert_eq!(code, Some(1));
}
