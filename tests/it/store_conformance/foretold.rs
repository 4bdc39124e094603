//! What a message says of a task saves a look, and decides nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use wsa::database::postgres::PostgresDb;
use wsa::database::{
    Answer, Database, Db, Look, Migration, Moment, Row, Rows, Statement, Transaction, Write,
};
use wsa::domain::task::{Foretold, OrderGuid, TaskKey};
use wsa::engine::store::{Settlement, Store};
use wsa::protocols;

use crate::support::ask::Ask;
use crate::support::database::settings;
use crate::support::place::{Place, Stores};
use crate::support::reference::{CARD, CASH, V1, V2};
use crate::support::stores::TestStore;

on_each_store![
    a_message_that_is_wrong_about_its_task_changes_nothing,
    what_is_foretold_of_answered_tasks_is_passed_over,
];

fn foretold(store: &TestStore, key: TaskKey, says: &Ask) -> Foretold {
    let task = store.task(says);
    Foretold { key, task_type: task.task_type.to_owned(), request: task.request.to_string() }
}

fn is_done(settlement: &Settlement) -> bool {
    matches!(settlement, Settlement::Answered { outcome, .. } if outcome.as_str() == "done")
}

async fn settle(store: &Store, key: TaskKey, foretold: &[Foretold]) -> Settlement {
    store.settle_foretold(&[key], foretold).await.unwrap().settled[0].settlement
}

async fn a_message_that_is_wrong_about_its_task_changes_nothing(store: &TestStore) {
    let pay = |order: OrderGuid, sum: &str| Ask::pay(V1, order, &[(sum, CASH)]);
    let other = store.order(V1, "77.00").await;
    let abroad = store.order(V2, "10.00").await;
    for wrong in 0..6 {
        let order = store.order(V1, "10.00").await;
        let key = store.registered(&pay(order, "10.00")).await;
        let of = |says: &Ask| vec![foretold(store, key, says)];
        let says = match wrong {
            0 => of(&pay(other, "77.00")),
            1 => of(&pay(order, "9.00")),
            2 => of(&Ask::pay(V2, abroad, &[("10.00", CARD)])),
            3 => vec![Foretold { request: "{".into(), ..of(&pay(order, "10.00")).remove(0) }],
            4 => vec![Foretold { task_type: "Nonsense".into(), ..of(&pay(order, "1")).remove(0) }],
            _ => of(&pay(order, "10.00")),
        };
        assert!(is_done(&settle(store, key, &says).await), "{wrong}");
        let books = store.books().await;
        books.assert_order(order, 1000, "Created");
        books.assert_untouched(other);
        books.assert_untouched(abroad);
    }
}

async fn what_is_foretold_of_answered_tasks_is_passed_over(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let ask = Ask::pay(V1, order, &[("10.00", CASH)]);
    let key = store.registered(&ask).await;
    let says = [foretold(store, key, &ask)];
    assert!(is_done(&settle(store, key, &says).await));
    let answer = store.answer_text(key).await;
    assert_eq!(settle(store, key, &says).await, Settlement::Repeated);
    assert_eq!(store.answer_text(key).await, answer);
}

/// How often a database was waited for within transactions, and for how many statements each time.
type Waits = Arc<Mutex<Vec<usize>>>;

/// A database whose transactions count that.
#[derive(Debug)]
struct Counting {
    inner: PostgresDb,
    waits: Waits,
}

struct CountingTx {
    inner: Box<dyn Transaction>,
    waits: Waits,
}

impl CountingTx {
    fn wait(&self, statements: usize) {
        self.waits.lock().unwrap().push(statements);
    }
}

impl Database for Counting {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        self.inner.run(statement, rows)
    }

    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        async {
            let (inner, waits) = (self.inner.begin().await?, Arc::clone(&self.waits));
            Ok(Box::new(CountingTx { inner, waits }) as Box<dyn Transaction>)
        }
        .boxed()
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>> {
        self.inner.snapshot()
    }

    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>> {
        self.inner.migrate(steps)
    }

    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>> {
        self.inner.applied_migrations()
    }
}

impl Transaction for CountingTx {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        self.wait(1);
        self.inner.query(statement, rows)
    }

    fn look(&self, looks: Vec<Look>) -> Answer<'_, Vec<Vec<Row>>> {
        self.wait(looks.len());
        self.inner.look(looks)
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        self.wait(1);
        self.inner.execute(statement, rows)
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        self.wait(1);
        self.inner.commit()
    }

    fn finish(self: Box<Self>, writes: Vec<Write>) -> Answer<'static, Vec<Row>> {
        self.wait(writes.len());
        self.inner.finish(writes)
    }
}

/// The look that claims it, with what it needs; the order's content, for those who listen to events here; and the writes
/// with the commit.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_foretold_payment_needs_is_looked_up_with_it() {
    let store = TestStore::fresh(Stores::Postgres).await;
    let Place::Postgres(database) = &store.place else { unreachable!() };
    let waits = Waits::default();
    let inner = PostgresDb::new(&database.url(), &settings()).unwrap();
    let counting = Counting { inner, waits: Arc::clone(&waits) };
    let counted = Store::of(Db::new(counting), protocols::ALL.protocols());
    for (foretells, expected) in [(true, [3, 1, 6].as_slice()), (false, &[1, 1, 1, 1, 6])] {
        let order = store.order(V1, "10.00").await;
        let ask = Ask::pay(V1, order, &[("10.00", CASH)]);
        let key = store.registered(&ask).await;
        let says = foretells.then(|| foretold(&store, key, &ask));
        waits.lock().unwrap().clear();
        assert!(is_done(&settle(&counted, key, says.as_slice()).await));
        assert_eq!(*waits.lock().unwrap(), expected, "foretold: {foretells}");
    }
}
