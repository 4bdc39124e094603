use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::engine::store::Store;
use crate::protocols::activeplatform::sql::records;

const AXES: [(Axis, &str); 6] = [
    (Axis::Ids, "sqlite_autoindex_ap_payments_1"),
    (Axis::Account, "ap_payments_by_account"),
    (Axis::Status, "ap_payments_by_status"),
    (Axis::Document, "ap_payments_by_document"),
    (Axis::Created, "ap_payments_by_creation"),
    (Axis::Updated, "ap_payments_by_update"),
];

/// Whether the index of an axis has this order.
fn has_order(axis: Axis, order: Sort) -> bool {
    match order {
        Sort::Id | Sort::IdDown => !matches!(axis, Axis::Created | Axis::Updated),
        Sort::Created | Sort::CreatedDown => axis == Axis::Created,
        Sort::Updated | Sort::UpdatedDown => axis == Axis::Updated,
    }
}

/// An empty store, whose planner knows no more than the schema.
async fn schema(directory: &TempDir) -> Connection {
    let file = directory.path().join("wsa.sqlite3");
    Store::sqlite(&file, crate::protocols::ALL.protocols()).unwrap().migrate().await.unwrap();
    Connection::open(&file).unwrap()
}

fn plan(connection: &Connection, statement: &Statement) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {}", statement.sqlite());
    let mut explain = connection.prepare(&explain).unwrap();
    let nothing = vec![rusqlite::types::Null; explain.parameter_count()];
    let nothing = rusqlite::params_from_iter(nothing);
    let rows = explain.query_map(nothing, |row| row.get("detail")).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_list_reads_its_index_and_sorts_only_what_that_has_in_another_order() {
    let directory = TempDir::new().unwrap();
    let connection = schema(&directory).await;
    let mut wrong = Vec::new();
    for (axis, index) in AXES {
        for order in Sort::ALL {
            let lines = plan(&connection, statement(axis, *order));
            let reads = format!("SEARCH p USING INDEX {index} (");
            let reads = lines.iter().filter(|line| line.starts_with(&reads)).count();
            // A page is sorted once more, after its methods are joined to it.
            let sorts = lines.iter().filter(|line| line.contains("TEMP B-TREE")).count();
            let is_right = sorts <= 1 || !has_order(axis, *order);
            if reads != 1 || !is_right {
                wrong.push(format!("{axis:?} {order}: {lines:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_corrections_of_a_payment_and_the_resellers_below_one_are_found_by_their_indexes() {
    let directory = TempDir::new().unwrap();
    let connection = schema(&directory).await;
    let lines = plan(&connection, &records::CORRECTIONS_OF_PAYMENT);
    let reads =
        |line: &String| line.contains("ap_corrections USING INDEX ap_corrections_by_payment");
    assert!(lines.iter().any(reads), "{lines:#?}");
    let lines = plan(&connection, &records::CHILDREN);
    let reads = |line: &&String| line.contains("INDEX ap_resellers_by_parent (parent_id=?)");
    assert_eq!(lines.iter().filter(reads).count(), 2, "{lines:#?}");
}
