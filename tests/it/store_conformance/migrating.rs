//! Steps of the schema, applied while others work: what waits for whom, what was interrupted, and which are missing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wsa::database::Migration;

use crate::support::database::Database;
use crate::support::place::{Place, Stores};

const fn step(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { number, name, postgres: sql, sqlite: sql }
}

const ONE: Migration = step(1, "001_t", "CREATE TABLE t (a bigint NOT NULL, b bigint)");
const TWO: Migration = step(2, "002_u", "CREATE TABLE u (a bigint NOT NULL)");
const THREE: Migration = step(3, "003_c", "ALTER TABLE t ADD COLUMN c bigint");
const INDEX: Migration = Migration {
    number: 4,
    name: "004_index",
    postgres: "-- Outside a transaction.\nCREATE UNIQUE INDEX CONCURRENTLY t_by_a ON t (a);",
    sqlite: "CREATE UNIQUE INDEX t_by_a ON t (a);",
};

static WITHOUT_TWO: &[Migration] = &[ONE, THREE];
static ALL: &[Migration] = &[ONE, TWO, THREE, INDEX];

async fn a_step_with_a_lower_number_than_the_newest_is_applied(kind: Stores) {
    let place = Place::empty(kind).await;
    let db = place.db();
    assert_eq!(db.migrate(WITHOUT_TWO).await.unwrap(), ["001_t", "003_c"]);
    assert_eq!(db.migrate(ALL).await.unwrap(), ["002_u", "004_index"]);
    assert_eq!(db.migrate(ALL).await.unwrap(), [] as [&str; 0]);
    let applied: Vec<i64> = db.applied_migrations().await.unwrap().into_iter().collect();
    assert_eq!(applied, [1, 2, 3, 4]);
    assert_eq!(place.number("SELECT count(*) FROM u").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_with_a_lower_number_than_the_newest_is_applied_on_sqlite() {
    a_step_with_a_lower_number_than_the_newest_is_applied(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_with_a_lower_number_than_the_newest_is_applied_on_postgres() {
    a_step_with_a_lower_number_than_the_newest_is_applied(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_lacks_a_lower_step_is_behind() {
    use wsa::engine::store::migrate::Schema;
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    place.execute("DELETE FROM wsa_migrations WHERE number = 34").await.unwrap();
    let Schema::Behind { at, needed } = store.schema().await.unwrap() else { panic!("not behind") };
    assert!(at > needed && needed == 34, "{at} {needed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_left_half_made_is_made_again() {
    let database = Database::empty().await;
    let db = database.db();
    db.migrate(WITHOUT_TWO).await.unwrap();
    let client = database.connect().await;
    client.batch_execute("INSERT INTO t (a) VALUES (1), (1)").await.unwrap();
    // As an interruption leaves it: the index is there, and not valid.
    let error = db.migrate(ALL).await.unwrap_err().to_string();
    assert!(error.contains("a constraint of the store forbids it"), "{error}");
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_by_a'::regclass";
    assert!(!client.query_one(valid, &[]).await.unwrap().get::<_, bool>(0));
    assert!(!db.applied_migrations().await.unwrap().contains(&4));
    client.batch_execute("DELETE FROM t").await.unwrap();
    assert_eq!(db.migrate(ALL).await.unwrap(), ["004_index"], "the step before it has stayed");
    assert!(client.query_one(valid, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_make_an_index_concurrently_do_not_wait_for_each_other_for_ever() {
    let database = Arc::new(Database::empty().await);
    database.db().migrate(WITHOUT_TWO).await.unwrap();
    let client = database.connect().await;
    client
        .batch_execute("INSERT INTO t (a) SELECT n FROM generate_series(1, 200000) n")
        .await
        .unwrap();
    let migrating = (0..5).map(|_| {
        let database = Arc::clone(&database);
        tokio::spawn(async move { database.db().migrate(ALL).await.unwrap() })
    });
    let migrating: Vec<_> = migrating.collect();
    let mut applied = Vec::new();
    for migrating in migrating {
        let migrated = tokio::time::timeout(Duration::from_secs(60), migrating).await;
        applied.extend(migrated.expect("no two wait for each other").unwrap());
    }
    assert_eq!(applied, ["002_u", "004_index"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_is_kept_waiting_by_a_migration_that_waits_for_a_moment_only() {
    let database = Arc::new(Database::empty().await);
    static FIRST: &[Migration] = &[ONE];
    database.db().migrate(FIRST).await.unwrap();
    // Somebody reads for five seconds.
    let mut reader = database.connect().await;
    let reading = reader.transaction().await.unwrap();
    reading.query("SELECT * FROM t", &[]).await.unwrap();
    let other = Arc::clone(&database);
    let migrating = tokio::spawn(async move { other.db().migrate(WITHOUT_TWO).await.unwrap() });
    let writer = database.connect().await;
    let (since, mut longest, mut written) = (Instant::now(), Duration::ZERO, 0_i64);
    while since.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        writer.execute("INSERT INTO t (a) VALUES ($1)", &[&written]).await.unwrap();
        longest = longest.max(begun.elapsed());
        written += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("{written} rows were written while a migration waited; the longest took {longest:?}");
    assert!(!migrating.is_finished(), "it waits");
    assert!(longest < Duration::from_millis(1500), "{longest:?}");
    reading.commit().await.unwrap();
    let applied = tokio::time::timeout(Duration::from_secs(20), migrating).await.unwrap().unwrap();
    assert_eq!(applied, ["003_c"]);
}
