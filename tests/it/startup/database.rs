//! Databases that cannot keep what is promised are refused by name, and left as they are.

use std::time::Duration;

use super::program::{said, wsa};
use crate::support::database::Database;
use crate::support::process::Process;

const SOON: Duration = Duration::from_secs(20);

async fn is_empty(database: &Database) -> bool {
    let tables =
        "SELECT count(*) AS found FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    database.connect().await.query_one(tables, &[]).await.unwrap().get::<_, i64>("found") == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_another_encoding_is_refused_by_name_and_left_alone() {
    for encoding in ["LATIN1", "WIN1251", "SQL_ASCII"] {
        let database = Database::in_encoding(encoding).await;
        let url = database.url();
        for arguments in [
            &["migrate", "--database-url", &url][..],
            &["up", "--database-url", &url, "--listen", "127.0.0.1:0"],
            &["api", "--database-url", &url, "--listen", "127.0.0.1:0"],
            &["worker", "--database-url", &url, "--listen", "127.0.0.1:0"],
        ] {
            let mut command = wsa(arguments);
            command.env("WSA__AMQP__URL", crate::support::servers::amqp_url());
            let (told, code) =
                tokio::task::spawn_blocking(move || said(&mut command, SOON)).await.unwrap();
            let why = format!("the encoding of the PostgreSQL database is {encoding}: it must be");
            assert!(told.contains(&why) && code == Some(1), "{arguments:?}: {told}");
        }
        assert!(is_empty(&database).await, "{encoding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_can_only_be_read_is_waited_for_by_name() {
    let database = Database::empty().await;
    let set = async |value: &str| {
        let client = database.connect().await;
        let name = client.query_one("SELECT current_database()", &[]).await.unwrap();
        let name: String = name.get("current_database");
        client.batch_execute("SET default_transaction_read_only = off").await.unwrap();
        let alter = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
        client.batch_execute(&alter).await.unwrap();
    };
    set("on").await;
    let mut migrate = wsa(&["migrate", "--database-url", &database.url()]);
    let (told, code) = tokio::task::spawn_blocking(move || said(&mut migrate, SOON)).await.unwrap();
    assert!(
        told.contains("nothing was migrated: PostgreSQL: default_transaction_read_only is on"),
        "{told}"
    );
    assert_eq!(code, Some(1));
    let process = Process::start(&["up", "--database-url", &database.url()], &[]).await;
    process.until_logged("waiting for PostgreSQL: default_transaction_read_only is on").await;
    set("off").await;
    // The connections that there are keep what they were told; new ones are made.
    database.shut().await;
    database.open_again().await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_commits_may_be_lost_is_refused_by_name() {
    let database = Database::empty().await;
    let url = format!("{}?options=-c%20synchronous_commit%3Doff", database.url());
    let mut up = wsa(&["up", "--database-url", &url, "--listen", "127.0.0.1:0"]);
    let (told, code) = tokio::task::spawn_blocking(move || said(&mut up, SOON)).await.unwrap();
    assert!(
        told.contains("synchronous_commit is off in PostgreSQL, so a commit may be lost"),
        "{told}"
    );
    assert_eq!(code, Some(1));
    assert!(is_empty(&database).await);
    let allowed = [("WSA__STORE__ALLOW_UNSAFE_DURABILITY", "true")];
    let process = Process::start(&["up", "--database-url", &url], &allowed).await;
    process.until_logged("accepted tasks may be lost with its power").await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}
