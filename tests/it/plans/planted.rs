//! Statements that read too much, planted: each in a way of its own.

use wsa::database::{Statement, Type};

use super::statements::Named;
use super::states::Batches;
use super::{Place, report, rows};

const BY_GUID: &[(&str, Type)] = &[("task_guid", Type::Uuid)];

static PLANTED: [(&str, Statement); 5] = [
    // Planned over an empty table, the table is as good to begin with as the batch.
    (
        "JOIN",
        Statement::read(
            BY_GUID,
            "SELECT t.answer FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
        ),
    ),
    // The same of a table of few pages: its rows tell.
    (
        "NARROW",
        Statement::read(
            &[("aggregator_id", Type::Int), ("object_id", Type::Int)],
            "SELECT l.object_id FROM batch b
             JOIN licences l ON l.aggregator_id = b.aggregator_id AND l.object_id = b.object_id",
        ),
    ),
    // One row comes out, and the limit does not hide that all were sorted.
    (
        "LIMIT",
        Statement::read(
            BY_GUID,
            "SELECT l.request FROM batch b CROSS JOIN LATERAL
                (SELECT t.request FROM tasks t ORDER BY t.request LIMIT 1) l",
        ),
    ),
    // No row comes out of the index, whose second column alone is asked for: its pages are read.
    (
        "PAGES",
        Statement::read(
            &[("delivery_id", Type::Int)],
            "SELECT l.subject FROM batch b CROSS JOIN LATERAL
                (SELECT d.subject FROM deliveries d WHERE d.delivery_id = b.delivery_id LIMIT 1) l",
        ),
    ),
    // And one that looks up what it is asked for.
    (
        "GOOD",
        Statement::read(
            BY_GUID,
            "SELECT l.answer FROM batch b CROSS JOIN LATERAL
                (SELECT t.answer FROM tasks t WHERE t.task_guid = ANY (ARRAY[b.task_guid])
                 ORDER BY t.task_guid LIMIT 1) l",
        ),
    ),
];

#[tokio::test]
async fn what_is_planted_is_found_and_nothing_else() {
    let planted = PLANTED.iter().map(|(name, statement)| Named {
        file: "src/planted.rs".to_owned(),
        name: (*name).to_owned(),
        statement,
    });
    let planted: Vec<Named> = planted.collect();
    let mut place = Place::new(&planted).await;
    place.tables.retain(|table| ["deliveries", "licences", "tasks"].contains(&&*table.name));
    place.client.batch_execute("VACUUM ANALYZE").await.unwrap();
    let empty = place.ours().await;
    place.fill().await;
    let batches = Batches::of(&place.client, &planted, &[8], rows()).await;
    let runs = empty.run("analysed while empty", &batches).await;
    let found = report::too_much(&runs, rows()).into_iter().map(|run| &*run.statement);
    let bad = ["JOIN", "NARROW", "LIMIT", "PAGES"].map(|name| format!("planted.rs {name}"));
    assert_eq!(found.collect::<Vec<_>>(), bad);
}
