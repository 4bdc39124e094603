//! Work that is done once and takes longer than a statement may.

use std::time::Duration;

use wsa::database::{PoolMode, StoreError, StoreSettings};
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::runtime::tls::ClientTls;

use crate::support::ask::Ask;
use crate::support::place::{Place, Stores};
use crate::support::reference::{CASH, V2, seed};
use crate::support::stores::{DEFAULTS, open_order};

/// How long a statement may run or wait.
const PATIENCE: Duration = Duration::from_millis(500);
/// One step of the schema takes longer; so does whatever changes tasks.
const SLOW_STEP: &str = "
    CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.2); END';
    CREATE EVENT TRIGGER dawdling ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION dawdle()";
const SLOW_TASKS: &str = "
    CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END';
    CREATE TRIGGER lingering AFTER UPDATE ON tasks EXECUTE FUNCTION linger()";

fn impatient(place: &Place) -> Store {
    let settings = StoreSettings {
        pool_size: 4,
        pool_mode: PoolMode::Session,
        connect_timeout: Duration::from_secs(10),
        statement_timeout: PATIENCE,
        lock_timeout: PATIENCE,
        tls: ClientTls::default(),
    };
    Store::postgres(&place.settings().1, &settings, protocols::ALL.protocols()).unwrap()
}

async fn on_the_server(place: &Place, sql: &str) {
    let Place::Postgres(database) = place else { unreachable!() };
    database.connect().await.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_schema_takes_the_time_that_it_needs_and_others_wait_for_it() {
    let place = Place::empty(Stores::Postgres).await;
    on_the_server(&place, SLOW_STEP).await;
    let (one, other) = (impatient(&place), impatient(&place));
    let (one, other) = tokio::join!(one.migrate(), other.migrate());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_empty() != other.is_empty(), "one of them had it to do: {one:?} {other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_everyday_statement_is_cut_short_and_one_over_every_open_task_is_not() {
    let place = Place::migrated(Stores::Postgres).await;
    let store = impatient(&place);
    let callers = seed(&store).await;
    let order = open_order(&store, V2, "10.00").await;
    let task = Ask::pay(V2, order, &[("10.00", CASH)]).task(callers.main);
    store.register(std::slice::from_ref(&task), DEFAULTS).await.unwrap();
    on_the_server(&place, SLOW_TASKS).await;

    let settled = store.settle(&[task.key]).await;
    assert!(matches!(settled, Err(StoreError::Conflict(_))), "{settled:?}");
    assert_eq!(store.backlog().await.unwrap().unpublished, 0);
    store.publish_all_again().await.unwrap();
    assert_eq!(store.backlog().await.unwrap().unpublished, 1);
}
