//! The audit's plans do not depend on statistics: each whole table is read once a pass, whatever the planner believes.

use wsa::engine::store::Store;

use crate::support::audit::{audit, terms};
use crate::support::place::{Place, Stores};
use crate::support::reference::seed;

/// Many enough that a table that grew is not taken for an empty one.
const ROWS: usize = 20_000;

/// Rows of the tables that passes join, as a dump restores them: nothing is analysed.
async fn restore(place: &Place) {
    let numbers = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    );
    let sqlite = matches!(place, Place::Sqlite(_));
    let guid = |kind: u8| match sqlite {
        true => format!("unhex(printf('%02x00000000000000%016x', {kind}, i))"),
        false => format!("rpad('{kind}', 16, '0') || lpad(to_hex(i), 16, '0')"),
    };
    let guid = |kind| if sqlite { guid(kind) } else { format!("({})::uuid", guid(kind)) };
    let time = if sqlite { "0" } else { "wsa_now()" };
    let (order, task) = (guid(1), guid(2));
    for insert in [
        format!(
            "INSERT INTO orders (object_id, order_guid, status, total, paid, created_at, content, version)
             {numbers} SELECT 300001, {order}, 'Created', 10, 10, {time}, '{{}}', 1 FROM n"
        ),
        format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, registered_at,
                                deadline, publish_at, outcome, answer, answered_at)
             {numbers} SELECT 300001, {task}, 1, 'CancelOrder', '{{}}', {time}, {time}, {time},
                              'done', '{{}}', {time} FROM n"
        ),
        format!(
            "INSERT INTO payments (object_id, task_guid, line, order_guid, currency_guid, amount, written_off,
                                   taken_at)
             {numbers} SELECT 300001, {task}, 1, {order}, {order}, 10, 0, {time} FROM n"
        ),
    ] {
        assert_eq!(place.force(&insert).await, ROWS as u64, "{insert}");
    }
}

async fn vacuum_analyze(place: &Place) {
    place.execute("VACUUM").await.unwrap();
    place.execute("ANALYZE").await.unwrap();
}

/// Lines that read the inner side of a join again for each row of the outer one, without an index.
async fn loops(store: &Store, kind: Stores, state: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (pass, plan) in store.audit_plans(terms()).await.unwrap() {
        assert!(!plan.is_empty(), "{pass}");
        let mut scanned: Vec<&str> = Vec::new();
        for line in &plan {
            let (parent, what) = line.split_once(' ').unwrap_or_default();
            let again = match kind {
                Stores::Postgres => line.contains("Nested Loop"),
                // Of the sources that stand side by side the first is read, the others are looked up.
                Stores::Sqlite => what.starts_with("SCAN") && scanned.contains(&parent),
            };
            if again {
                found.push(format!("{state}, {pass}: {line}"));
            }
            if what.starts_with("SCAN") {
                scanned.push(parent);
            }
        }
    }
    found
}

/// Never analysed; analysed while empty; analysed.
async fn no_pass_loops_over_a_table(kind: Stores) {
    let mut found = Vec::new();
    let restored = Place::migrated(kind).await;
    if kind == Stores::Postgres {
        for table in ["orders", "tasks", "payments"] {
            let off = format!("ALTER TABLE {table} SET (autovacuum_enabled = false)");
            restored.execute(&off).await.unwrap();
        }
    }
    seed(&restored.open()).await;
    restore(&restored).await;
    found.extend(loops(&restored.open(), kind, "never analysed").await);
    // What it finds is another test's business; that it ends is this one's.
    assert!(!audit(&restored.open()).await.checks.is_empty());
    vacuum_analyze(&restored).await;
    found.extend(loops(&restored.open(), kind, "analysed").await);

    let grown = Place::migrated(kind).await;
    vacuum_analyze(&grown).await;
    found.extend(loops(&grown.open(), kind, "empty").await);
    restore(&grown).await;
    found.extend(loops(&grown.open(), kind, "analysed while empty").await);
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_pass_loops_over_a_table_on_sqlite_whatever_the_statistics() {
    no_pass_loops_over_a_table(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_pass_loops_over_a_table_on_postgres_whatever_the_statistics() {
    no_pass_loops_over_a_table(Stores::Postgres).await;
}
