//! A store that fails while the program starts.

use crate::support::database::Database;
use crate::support::process::Process;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_goes_away_before_the_queue_is_filled_is_waited_for() {
    let database = Database::migrated().await;
    let client = database.connect().await;
    // As it tells whoever is connected when it is stopped.
    let stops = "CREATE FUNCTION stops() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'terminating connection' USING ERRCODE = 'admin_shutdown'; END $$;
        CREATE TRIGGER stops BEFORE UPDATE ON tasks EXECUTE FUNCTION stops()";
    client.batch_execute(stops).await.unwrap();
    let process = Process::start(&["up", "--database-url", &database.url()], &[]).await;
    process.until_logged("waiting for the store: ").await;
    process.until_ready_says(503).await;
    client.batch_execute("DROP TRIGGER stops ON tasks").await.unwrap();
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_that_cannot_be_given_ends_nobody() {
    let database = Database::migrated().await;
    let client = database.connect().await;
    client.batch_execute("ALTER TABLE aggregators RENAME TO lost").await.unwrap();
    let process = Process::start(&["up", "--database-url", &database.url()], &[]).await;
    process.until_logged("what to do next cannot be told: ").await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
}
