//! A fresh store for a test, with what every test needs to do with one.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use wsa::domain::money::Money;
use wsa::domain::task::{NewTask, ObjectId, OrderGuid, OrderKey, TaskKey};
use wsa::engine::store::register::RegisterDefaults;
use wsa::engine::store::{Registration, Settlement, Store};
use wsa::protocols::whiteserver::command::OrderContent;
use wsa::protocols::whiteserver::model::{Order, OrderStatus, TillSide};

use super::ask::Ask;
use super::books::Books;
use super::place::{Place, Stores};
use super::reference::{self, Callers};

/// How tasks are registered here.
pub const DEFAULTS: RegisterDefaults =
    RegisterDefaults { timeout_s: 120, republish_after_s: 5, furthest_s: 604_800 };

/// A store with the reference data.
#[derive(Debug)]
pub struct TestStore {
    // Before the place: a store has to let go of what it is in.
    pub store: Arc<Store>,
    pub place: Place,
    pub callers: Callers,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    pub async fn fresh(kind: Stores) -> TestStore {
        let place = Place::migrated(kind).await;
        let store = Arc::new(place.open());
        let callers = reference::seed(&store).await;
        TestStore { store, place, callers }
    }

    /// Puts in an open order.
    pub async fn order(&self, object: ObjectId, total: &str) -> OrderGuid {
        open_order(&self.store, object, total).await
    }

    /// Makes a task of it without registering.
    pub fn task(&self, ask: &Ask) -> NewTask {
        ask.task(self.callers.main)
    }

    /// Registers and gives the key.
    pub async fn registered(&self, ask: &Ask) -> TaskKey {
        self.all_registered(std::slice::from_ref(ask)).await[0]
    }

    /// Registers all at once.
    pub async fn all_registered(&self, asks: &[Ask]) -> Vec<TaskKey> {
        let tasks: Vec<NewTask> = asks.iter().map(|ask| self.task(ask)).collect();
        let registered = self.register(&tasks, DEFAULTS).await.unwrap();
        let accepted = |registration: &_| matches!(registration, Registration::Accepted(_));
        assert!(registered.iter().all(accepted), "{registered:?}");
        tasks.iter().map(|task| task.key).collect()
    }

    /// Settles a batch and gives how each task stands.
    pub async fn settled(&self, keys: &[TaskKey]) -> Vec<Settlement> {
        let settled = self.settle(keys).await.unwrap();
        settled.settled.into_iter().map(|settled| settled.settlement).collect()
    }

    /// Has one task carried out and gives its answer.
    pub async fn carried_out(&self, ask: &Ask) -> Value {
        let key = self.registered(ask).await;
        self.settle(&[key]).await.unwrap();
        self.answer(key).await
    }

    /// The answer of a task that has one.
    pub async fn answer(&self, key: TaskKey) -> Value {
        serde_json::from_str(&self.answer_text(key).await).unwrap()
    }

    /// The same, byte for byte.
    pub async fn answer_text(&self, key: TaskKey) -> String {
        let mut found = self.find(&[key.guid]).await.unwrap().0;
        let found = found.remove(&key.guid).expect("the task is known");
        found.answer.expect("the task is answered")
    }

    /// What is written now.
    pub async fn books(&self) -> Books {
        Books::read(&self.place).await
    }
}

/// Puts an open order into a store.
pub async fn open_order(store: &Store, object: ObjectId, total: &str) -> OrderGuid {
    open_orders(store, object, total, 1).await[0]
}

/// Puts in many.
pub async fn open_orders(store: &Store, object: ObjectId, total: &str, n: usize) -> Vec<OrderGuid> {
    let order = Order {
        status: OrderStatus::Created,
        total: Money::parse(total).unwrap(),
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide::default(),
        created_at: Timestamp::now(),
        closed_at: None,
        content: Some(OrderContent::default()),
        version: 0,
    };
    let guids: Vec<OrderGuid> = (0..n).map(|_| OrderGuid::new()).collect();
    let keyed = guids.iter().map(|guid| (OrderKey { object, guid: *guid }, order.clone()));
    wsa::protocols::whiteserver::sql::Tables::of(store).load_orders(keyed.collect()).await.unwrap();
    guids
}
