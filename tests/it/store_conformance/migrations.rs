//! The schema.

use std::sync::Arc;

use futures_util::future::join_all;
use wsa::engine::store::Store;
use wsa::engine::store::migrate::Schema;
use wsa::protocols::whiteserver::sql::Tables;

use crate::support::place::{Place, Stores};
use crate::support::reference::seed;

/// Every step that there is.
const STEPS: &[&str] = &[
    "001_payments",
    "002_deliveries",
    "003_activeplatform",
    "004_ticketscloud",
    "005_billmanager",
    "006_dead_letters",
    "007_names",
    "009_dead_denied",
    "010_probes",
    "011_denials",
    "012_billmanager_parameters",
    "013_activeplatform_lists",
    "014_object_time_zone",
];

async fn a_schema_is_built_once_and_told(kind: Stores) {
    let place = Place::empty(kind).await;
    let store = place.open();
    let needed = STEPS.last().unwrap()[..3].parse().unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Behind { at: 0, needed });
    assert_eq!(store.migrate().await.unwrap(), STEPS);
    assert_eq!(store.schema().await.unwrap(), Schema::Current);
    seed(&store).await;
    assert_eq!(store.migrate().await.unwrap(), [] as [&str; 0], "a second time does nothing");
    assert_eq!(Tables::of(&store).objects().await.unwrap().len(), 4);

    place.execute("INSERT INTO wsa_migrations VALUES (9999)").await.unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Ahead, "a newer program was here");
    assert_eq!(store.migrate().await.unwrap(), [] as [&str; 0]);
}

async fn processes_that_migrate_at_once_wait_for_each_other(kind: Stores) {
    let place = Arc::new(Place::empty(kind).await);
    let migrating = (0..6).map(|_| {
        let place = Arc::clone(&place);
        tokio::spawn(async move {
            let store: Store = place.open();
            store.migrate().await.unwrap()
        })
    });
    let applied: Vec<_> = join_all(migrating).await.into_iter().map(Result::unwrap).collect();
    let steps: Vec<_> = applied.concat();
    assert_eq!(steps, STEPS, "{applied:?}");
    seed(&place.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_built_once_and_told_on_sqlite() {
    a_schema_is_built_once_and_told(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_built_once_and_told_on_postgres() {
    a_schema_is_built_once_and_told(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_wait_for_each_other_on_sqlite() {
    processes_that_migrate_at_once_wait_for_each_other(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_wait_for_each_other_on_postgres() {
    processes_that_migrate_at_once_wait_for_each_other(Stores::Postgres).await;
}
