//! What is written together with the commit is written whole or not at all.

use uuid::Uuid;
use wsa::database::{Row, Statement, StoreError, Type, Write, row};

use crate::support::reference::{CARD, CASH, V1, V2};
use crate::support::stores::TestStore;

on_each_store![
    what_is_finished_is_there_and_gives_its_rows_in_order,
    what_finds_fewer_rows_than_it_was_given_commits_nothing,
    what_the_database_refuses_commits_nothing,
    nothing_to_write_is_a_commit,
    writes_of_several_tables_are_whole_together_and_give_only_rows_of_their_own,
];

static RENAME: Statement = Statement::write(
    &[("object_id", Type::Int), ("name", Type::Text)],
    "UPDATE objects SET name = b.name FROM batch b {these objects: object_id}",
);

static RENAME_AND_TELL: Statement = Statement::write(
    &[("object_id", Type::Int), ("name", Type::Text)],
    "UPDATE objects SET name = b.name FROM batch b {these objects: object_id}
     RETURNING objects.object_id, objects.name",
);

// Of another table: what goes to PostgreSQL in one statement with the other.
static RENAME_CURRENCY: Statement = Statement::write(
    &[("object_id", Type::Int), ("currency_guid", Type::Uuid), ("name", Type::Text)],
    "UPDATE currencies SET name = b.name
     FROM batch b {these currencies: object_id, currency_guid}",
);

static RENAME_CURRENCY_AND_TELL: Statement = Statement::write(
    &[("object_id", Type::Int), ("currency_guid", Type::Uuid), ("name", Type::Text)],
    "UPDATE currencies SET name = b.name
     FROM batch b {these currencies: object_id, currency_guid} RETURNING currencies.name",
);

const NOBODY: i64 = 424_242;

async fn name(store: &TestStore) -> String {
    let rows = store.place.rows(&format!("SELECT name FROM objects WHERE object_id = {V1}")).await;
    format!("{:?}", rows[0][0])
}

async fn what_is_finished_is_there_and_gives_its_rows_in_order(store: &TestStore) {
    let tx = store.place.db().begin().await.unwrap();
    let given = tx
        .finish(vec![
            Write::each(&RENAME, vec![row![V1, "first"]]),
            Write::with_rows(&RENAME_AND_TELL, vec![row![V1, "second"]]),
            Write::any(&RENAME, vec![row![NOBODY, "nobody"]]),
            Write::with_rows(&RENAME_AND_TELL, vec![row![V2, "third"]]),
        ])
        .await
        .unwrap();
    let names = given.into_iter().map(|mut row: Row| row.get("name").unwrap());
    assert_eq!(names.collect::<Vec<String>>(), ["second", "third"]);
    assert!(name(store).await.contains("second"));
}

async fn what_finds_fewer_rows_than_it_was_given_commits_nothing(store: &TestStore) {
    let before = name(store).await;
    let tx = store.place.db().begin().await.unwrap();
    let half = vec![row![V2, "half"], row![NOBODY, "nobody"]];
    let writes = vec![
        Write::each(&RENAME, vec![row![V1, "whole"]]),
        Write::each(&RENAME, half),
        Write::each(&RENAME, vec![row![V1, "after"]]),
    ];
    let error = tx.finish(writes).await.unwrap_err();
    let told = format!("{error:?}");
    assert!(told.contains("1 of 2 rows were written"), "{told}");
    assert_eq!(name(store).await, before);
}

async fn what_the_database_refuses_commits_nothing(store: &TestStore) {
    static OUT_OF_BOUNDS: Statement = Statement::write(
        &[("object_id", Type::Int)],
        "UPDATE objects SET timeout_s = 0 FROM batch b {these objects: object_id}",
    );
    let before = name(store).await;
    let tx = store.place.db().begin().await.unwrap();
    let writes = vec![
        Write::each(&RENAME, vec![row![V1, "whole"]]),
        Write::any(&OUT_OF_BOUNDS, vec![row![V1]]),
        Write::each(&RENAME, vec![row![V1, "after"]]),
    ];
    let error = tx.finish(writes).await.unwrap_err();
    assert!(matches!(error, StoreError::Violation(_)), "{error}");
    assert_eq!(name(store).await, before);
}

async fn nothing_to_write_is_a_commit(store: &TestStore) {
    let tx = store.place.db().begin().await.unwrap();
    tx.execute(&RENAME, vec![row![V1, "kept"]]).await.unwrap();
    assert!(tx.finish(vec![Write::any(&RENAME, Vec::new())]).await.unwrap().is_empty());
    assert!(name(store).await.contains("kept"));
}

async fn writes_of_several_tables_are_whole_together_and_give_only_rows_of_their_own(
    store: &TestStore,
) {
    let finish = async |writes| store.place.db().begin().await.unwrap().finish(writes).await;
    let told = |given: Vec<Row>| {
        let names = given.into_iter().map(|mut row: Row| row.get("name").unwrap());
        names.collect::<Vec<String>>()
    };
    let all = vec![
        Write::each(&RENAME, vec![row![V1, "one"], row![V2, "two"]]),
        Write::with_rows(
            &RENAME_CURRENCY_AND_TELL,
            vec![row![V1, CASH, "coins"], row![NOBODY, CASH, "nobody's"]],
        ),
    ];
    assert_eq!(told(finish(all).await.unwrap()), ["coins"]);
    assert!(name(store).await.contains("one"));
    let none = vec![
        Write::each(&RENAME, vec![row![V1, "three"]]),
        Write::with_rows(&RENAME_CURRENCY_AND_TELL, vec![row![NOBODY, CASH, "nobody's"]]),
    ];
    assert!(finish(none).await.unwrap().is_empty(), "a row that says that there is none is no row");
    assert!(name(store).await.contains("three"));

    // Whichever of them is not whole, the other is not there either.
    let parts = |object: i64, currency: Uuid| {
        vec![
            Write::each(&RENAME, vec![row![V1, "four"], row![object, "five"]]),
            Write::each(&RENAME_CURRENCY, vec![row![V1, CASH, "six"], row![V1, currency, "seven"]]),
        ]
    };
    for writes in [parts(NOBODY, CARD), parts(V2.0, Uuid::nil())] {
        let told = format!("{:?}", finish(writes).await.unwrap_err());
        assert!(told.contains("1 of 2 rows were written"), "{told}");
        assert!(name(store).await.contains("three"));
        let currencies = "SELECT count(*) FROM currencies WHERE name IN ('six', 'seven')";
        assert_eq!(store.place.rows(currencies).await[0][0].as_deref(), Some("0"));
    }
    finish(parts(V2.0, CARD)).await.unwrap();
    assert!(name(store).await.contains("four"));
}
