//! No statement reads more than it is asked for, whatever PostgreSQL believes of its tables when it plans.
//!
//! A plan that is made while a table is believed empty is kept while it grows: that for each row of the whole table
//! the batch is searched costs as much as that each row of the batch is looked up. So each statement of the program,
//! found in its sources, is planned in the states of statistics that a database can be in, run when the tables are
//! full, and what it read is counted.

mod asked;
mod batches;
mod bounds;
mod expressions;
mod figures;
mod filling;
mod inlined;
mod macros;
mod planted;
mod report;
mod sources;
mod statements;
mod states;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::join;
use tokio_postgres::Client;
use wsa::database::postgres::PostgresDb;
use wsa::database::{PoolMode, StoreSettings};
use wsa::runtime::tls::ClientTls;

use super::support::database::Database;
use filling::Table;
use statements::Named;
use states::{Batches, Prepared, Run, Session};

/// A batch as it comes, and one under load.
const BATCHES: [u64; 2] = [8, 64];

/// Statements that find nothing in rows that belong together: what was never posted is replayed for an operator, what
/// was never tried is released, and promocodes that orders use are not removed.
const FINDS_NOTHING: [&str; 15] = [
    // No attempt of these tables failed.
    "engine/store/callbacks/log.rs FAILED_OF_CALLBACK",
    "engine/store/callbacks/replaying.rs ANSWER",
    "engine/store/callbacks/replaying.rs ANSWERS",
    "engine/store/callbacks/replaying.rs EVENT",
    "engine/store/callbacks/replaying.rs EVENTS",
    "engine/store/callbacks/taking.rs NEXT",
    // The dead letters of these tables are of other tasks.
    "engine/store/dead_letters/list.rs OF_TASK",
    // The notifications of these tables are about other tasks than their callers.
    "engine/store/tasks/story.rs WAITING",
    // The tasks of these tables are of restaurants.
    "protocols/billmanager/sql/shown.rs CART_TASK",
    "protocols/billmanager/sql/shown.rs ORDER_TASK",
    // Every line of these tables is a service already.
    "protocols/billmanager/sql/write/services.rs MAKE_SERVICES",
    "protocols/ticketscloud/sql/promocodes.rs REMOVE",
    "protocols/ticketscloud/sql/shown.rs ENTRY_TASK",
    "protocols/ticketscloud/sql/shown.rs ORDER_TASK",
    // Every restaurant of these tables has a till already.
    "protocols/whiteserver/sql/tills.rs ADD",
];

/// How many rows each table has.
fn rows() -> u64 {
    std::env::var("WSA_PLANS_ROWS").map_or(20_000, |rows| rows.parse().unwrap())
}

/// A database whose statistics are made by the test alone.
struct Place<'a> {
    database: Database,
    client: Client,
    tables: Vec<Table>,
    statements: &'a [Named],
    runs: Vec<Run>,
    begin: Instant,
}

impl<'a> Place<'a> {
    async fn new(statements: &'a [Named]) -> Place<'a> {
        let database = Database::migrated().await;
        let client = database.connect().await;
        let tables = filling::tables(&client).await;
        filling::leave_statistics(&client, &tables).await;
        Place { database, client, tables, statements, runs: Vec::new(), begin: Instant::now() }
    }

    /// A session as the program has it.
    async fn ours(&self) -> Prepared<'a> {
        let settings = StoreSettings {
            pool_size: 1,
            pool_mode: PoolMode::Session,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_millis(1000 + rows() / 10),
            lock_timeout: Duration::from_secs(10),
            tls: ClientTls::default(),
        };
        let db = PostgresDb::new(&self.database.url(), &settings).unwrap();
        let session = Session::Ours(db.connection().await.unwrap());
        Prepared::on(session, self.statements).await
    }

    /// One that nothing is set in.
    async fn plain(&self) -> Prepared<'a> {
        let client = self.database.connect().await;
        let patience = format!("SET statement_timeout = {}", 1000 + rows() / 10);
        client.batch_execute(&patience).await.unwrap();
        Prepared::on(Session::Plain(client), self.statements).await
    }

    async fn fill(&self) {
        filling::fill(&self.client, &self.tables, rows()).await;
        self.say("filled");
    }

    fn say(&self, what: &str) {
        eprintln!("{:6.1} {what}", self.begin.elapsed().as_secs_f64());
    }
}

/// Never analysed; then analysed while full; then emptied, and filled again.
async fn grown(statements: &[Named]) -> Vec<Run> {
    let mut place = Place::new(statements).await;
    let never = place.ours().await;
    place.fill().await;
    let batches = Batches::of(&place.client, statements, &BATCHES, rows()).await;
    place.runs.extend(never.run("never analysed", &batches).await);
    place.say("never analysed");
    place.client.batch_execute("ANALYZE").await.unwrap();
    place.runs.extend(place.ours().await.run("analysed", &batches).await);
    place.say("analysed");
    place.runs.extend(place.plain().await.run("analysed, planned each time", &batches).await);
    place.say("analysed, planned each time");
    filling::empty(&place.client, &place.tables).await;
    let emptied = place.ours().await;
    place.fill().await;
    place.runs.extend(emptied.run("emptied", &batches).await);
    place.say("emptied");
    place.runs.extend(place.plain().await.run("emptied, planned each time", &batches).await);
    place.say("emptied, planned each time");
    place.runs
}

/// Analysed while empty.
async fn fresh(statements: &[Named]) -> Vec<Run> {
    let mut place = Place::new(statements).await;
    place.client.batch_execute("VACUUM ANALYZE").await.unwrap();
    let empty = place.ours().await;
    place.fill().await;
    let batches = Batches::of(&place.client, statements, &BATCHES, rows()).await;
    place.runs.extend(empty.run("analysed while empty", &batches).await);
    place.say("analysed while empty");
    let plain = place.plain().await;
    place.runs.extend(plain.run("analysed while empty, planned each time", &batches).await);
    place.say("analysed while empty, planned each time");
    place.runs
}

#[test]
fn every_statement_of_the_sources_is_understood() {
    let names: Vec<String> = statements::all().iter().map(Named::full_name).collect();
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(once.len(), names.len(), "two statements of one name");
    for name in
        ["engine/store/claiming.rs CLAIM", "protocols/activeplatform/sql/listing.rs BY_ID[5]"]
    {
        assert!(once.contains(&name.to_owned()), "{name} is none of {names:#?}");
    }
}

#[tokio::test]
#[ignore = "alone, as `scripts/test` runs it: other tests kill the server, and it writes more than is recovered in a moment"]
async fn no_statement_reads_more_than_it_is_asked_for() {
    let statements = statements::all();
    let (mut runs, more) = join!(grown(&statements), fresh(&statements));
    runs.extend(more);
    if let Some(path) = std::env::var_os("WSA_PLANS_RUNS") {
        std::fs::write(path, serde_json::to_string(&runs).unwrap()).unwrap();
    }
    let unknown = bounds::unknown(&statements);
    assert!(unknown.is_empty(), "no statements, take them off the list: {unknown:#?}");
    let in_vain: Vec<_> = report::in_vain(&runs).into_iter().collect();
    assert_eq!(in_vain, FINDS_NOTHING, "a batch that finds nothing proves nothing");
    let found = report::too_much(&runs, rows());
    let mut told = String::new();
    for run in &found {
        told.push_str(&format!("{}\n", report::line(run, rows())));
        report::plan(&run.plan, 0, &mut told);
    }
    assert!(found.is_empty(), "{} times too much is read:\n{told}", found.len());
}
