//! Rows on their way in are as wide as their statement says, and on their way out they are read by name: the same
//! in either database.

use jiff::Timestamp;
use uuid::Uuid;
use wsa::database::{Statement, StoreError, Type, Value};

use crate::support::stores::TestStore;

on_each_store![
    a_row_of_another_width_is_refused_and_nothing_is_written,
    an_insert_states_its_columns_once,
    a_column_is_read_by_its_name,
    two_columns_of_one_name_are_refused,
];

static PUT: Statement = Statement::insert(
    "probes",
    &[("process_id", Type::Uuid), ("written_at", Type::Time), ("padding", Type::Text)],
    "ON CONFLICT (process_id) DO NOTHING RETURNING process_id, padding",
);

static ADD: Statement = Statement::read(
    &[("one", Type::Int), ("other", Type::Int)],
    "SELECT b.one, b.other, b.one + b.other AS sum FROM batch b",
);

static TWICE: Statement =
    Statement::read(&[("one", Type::Int)], "SELECT b.one, b.one + 1 AS one FROM batch b");

fn probe(process: Uuid) -> Vec<Value> {
    vec![process.into(), Timestamp::UNIX_EPOCH.into(), "x".into()]
}

async fn probes(store: &TestStore) -> usize {
    store.place.rows("SELECT padding FROM probes").await.len()
}

async fn a_row_of_another_width_is_refused_and_nothing_is_written(store: &TestStore) {
    let db = store.place.db();
    let whole = probe(Uuid::now_v7());
    let narrow = whole[..2].to_vec();
    let wide = [whole.clone(), vec![Value::Null]].concat();
    for (row, width) in [(narrow, 2), (wide, 4), (Vec::new(), 0)] {
        let told = format!(
            "a row has {width} values for the 3 columns (process_id, written_at, padding) of: INSERT INTO probes"
        );
        let refused = |error: StoreError| {
            assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
            assert!(error.to_string().contains(&told), "{error}");
        };
        let rows = || vec![whole.clone(), row.clone()];
        refused(db.run(&PUT, rows()).await.unwrap_err());
        let tx = db.begin().await.unwrap();
        refused(tx.query(&PUT, rows()).await.unwrap_err());
        refused(tx.execute(&PUT, rows()).await.unwrap_err());
        drop(tx);
    }
    assert_eq!(probes(store).await, 0);
}

async fn an_insert_states_its_columns_once(store: &TestStore) {
    let db = store.place.db();
    let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
    let mut put = db.run(&PUT, vec![probe(one), probe(other)]).await.unwrap();
    let mut put: Vec<Uuid> = put.iter_mut().map(|row| row.get("process_id").unwrap()).collect();
    put.sort_unstable();
    assert_eq!(put, [one, other]);
    assert!(db.run(&PUT, vec![probe(one)]).await.unwrap().is_empty(), "the tail is carried out");
    assert_eq!(probes(store).await, 2);
}

async fn a_column_is_read_by_its_name(store: &TestStore) {
    let mut rows = store.place.db().run(&ADD, vec![vec![3.into(), 4.into()]]).await.unwrap();
    let row = &mut rows[0];
    assert_eq!(row.get::<i64>("sum").unwrap(), 7);
    assert_eq!(row.get::<i64>("other").unwrap(), 4);
    let error = row.get::<i64>("difference").unwrap_err().to_string();
    assert!(error.contains("a row has no column difference; it has one, other, sum"), "{error}");
    let error = row.get::<String>("one").unwrap_err().to_string();
    assert!(error.contains("column one holds an integer"), "{error}");
}

async fn two_columns_of_one_name_are_refused(store: &TestStore) {
    let error = store.place.db().run(&TWICE, vec![vec![1.into()]]).await.unwrap_err().to_string();
    assert!(error.contains("two columns of a result are called one"), "{error}");
}
