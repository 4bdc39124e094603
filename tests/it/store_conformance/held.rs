//! Tasks of a paused object are held until it is resumed.

use wsa::domain::task::{ObjectId, TaskKey};
use wsa::engine::store::journal::{Act, Actor, Via};
use wsa::engine::store::{Holding, Republish, Resumed, Settlement};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    what_a_worker_received_of_a_paused_object_is_published_once_it_is_resumed,
    what_was_held_too_late_is_found_all_the_same,
    an_object_stays_entered_until_none_of_its_tasks_is_held,
    one_that_is_resumed_again_stays_entered,
    objects_are_looked_through_in_pieces,
];

const FIRST: ObjectId = ObjectId(i64::MIN);

fn anna() -> Actor {
    Actor { who: "anna".into(), role: Some("operator"), via: Via::Api }
}

async fn pause(store: &TestStore, object: ObjectId) {
    assert!(store.pause(object, &anna(), Act::default()).await.unwrap());
}

async fn resume(store: &TestStore, object: ObjectId) {
    assert!(store.resume(object, &anna(), Act::default()).await.unwrap());
}

async fn entries(store: &TestStore) -> Vec<Resumed> {
    store.resumed(FIRST, 9).await.unwrap()
}

async fn resumed(store: &TestStore) -> Vec<ObjectId> {
    entries(store).await.into_iter().map(|of| of.object).collect()
}

fn taken(due: Vec<Republish>) -> Vec<TaskKey> {
    due.into_iter().map(|due| due.key).collect()
}

/// So many tasks of a restaurant, held while it is paused.
async fn held(store: &TestStore, object: ObjectId, count: i64) -> Vec<TaskKey> {
    let order = store.order(object, "10.00").await;
    let ask = |n| Ask::pay(object, order, &[("0.10", CASH)]).within(100 + n);
    let keys = store.all_registered(&(0..count).map(ask).collect::<Vec<_>>()).await;
    pause(store, object).await;
    assert_eq!(store.settled(&keys).await, vec![Settlement::PutOff; keys.len()]);
    keys
}

async fn what_a_worker_received_of_a_paused_object_is_published_once_it_is_resumed(
    store: &TestStore,
) {
    let order = store.order(V1, "10.00").await;
    let asks = [1, 2, 3].map(|n| Ask::pay(V1, order, &[("1.00", CASH)]).within(100 + n));
    let keys = store.all_registered(&asks).await;
    assert!(store.pause(V1, &anna(), Act::default()).await.unwrap());
    assert!(!store.pause(V1, &anna(), Act::default()).await.unwrap(), "it is paused already");
    assert_eq!(store.settled(&keys).await, [Settlement::PutOff; 3]);
    let due = format!("UPDATE tasks SET registered_at = {}", store.place.moment(-60_000));
    store.place.execute(&due).await.unwrap();
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.open, backlog.unpublished, backlog.oldest_ms), (3, 0, 0));
    assert_eq!(store.take_unpublished(9, 0, 5, 30).await.unwrap(), []);
    assert_eq!(resumed(store).await, []);

    assert!(store.resume(V1, &anna(), Act::default()).await.unwrap());
    assert!(!store.resume(V1, &anna(), Act::default()).await.unwrap(), "it is not paused");
    assert_eq!(resumed(store).await, [V1]);
    // The earliest deadlines first, each once, by whoever comes first.
    let first = taken(store.take_held(V1, 2, 5).await.unwrap());
    assert_eq!(first, keys[..2]);
    assert_eq!(taken(store.take_held(V1, 9, 5).await.unwrap()), keys[2..]);
    assert_eq!(store.take_held(V1, 9, 5).await.unwrap(), []);
    assert_eq!(store.take_held(V2, 9, 5).await.unwrap(), []);
    store.settle(&keys).await.unwrap();
    for key in keys {
        assert_eq!(code(&store.answer(key).await), "done");
    }
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 300, "Created");
}

/// A worker that saw the object paused may end its transaction after the resume, and after the sweeper looked.
async fn what_was_held_too_late_is_found_all_the_same(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("1.00", CASH)])).await;
    pause(store, V1).await;
    resume(store, V1).await;
    assert_eq!(store.take_held(V1, 9, 5).await.unwrap(), []);
    store.forget_resumed(&entries(store).await).await.unwrap();
    assert_eq!(resumed(store).await, [], "nothing of it is held");
    let late = "UPDATE tasks SET held = (1 = 1), publish_at = deadline";
    store.place.execute(late).await.unwrap();
    let holding = async || store.holding(FIRST, 9).await.unwrap();
    assert_eq!(holding().await, [Holding { object: V1, paused: false }]);
    assert_eq!(store.take_held(V1, 9, 5).await.unwrap()[0].key, key);
    assert_eq!(holding().await, []);
    // Whoever pauses it again has it held again.
    pause(store, V1).await;
    assert_eq!(store.settled(&[key]).await, [Settlement::PutOff]);
    assert_eq!(holding().await, [Holding { object: V1, paused: true }]);
    resume(store, V1).await;
    assert_eq!(resumed(store).await, [V1]);
    pause(store, V1).await;
    assert_eq!(resumed(store).await, [], "it waits for the next resume");
}

/// However long nobody looks, and however many of its tasks a round takes.
async fn an_object_stays_entered_until_none_of_its_tasks_is_held(store: &TestStore) {
    let keys = held(store, V1, 5).await;
    resume(store, V1).await;
    let old = format!("UPDATE resumed_objects SET resumed_at = {}", store.place.moment(-3_600_000));
    store.place.execute(&old).await.unwrap();
    let mut all = Vec::new();
    for left in [5, 3, 1] {
        let entries = entries(store).await;
        store.forget_resumed(&entries).await.unwrap();
        assert_eq!(resumed(store).await, [V1], "{left} are held");
        all.extend(taken(store.take_held(V1, 2, 5).await.unwrap()));
    }
    assert_eq!(all, keys);
    store.forget_resumed(&entries(store).await).await.unwrap();
    assert_eq!(resumed(store).await, []);
}

/// What is held by then may not be seen yet by whoever looked before.
async fn one_that_is_resumed_again_stays_entered(store: &TestStore) {
    pause(store, V1).await;
    resume(store, V1).await;
    let seen = entries(store).await;
    pause(store, V1).await;
    resume(store, V1).await;
    store.forget_resumed(&seen).await.unwrap();
    assert_eq!(resumed(store).await, [V1]);
    store.forget_resumed(&entries(store).await).await.unwrap();
    assert_eq!(resumed(store).await, []);
}

async fn objects_are_looked_through_in_pieces(store: &TestStore) {
    for object in [HASTY, V1, V2] {
        held(store, object, 3).await;
    }
    resume(store, V2).await;
    let piece = async |after| store.holding(after, 2).await.unwrap();
    let of = |object, paused| Holding { object, paused };
    assert_eq!(piece(FIRST).await, [of(V1, true), of(V2, false)]);
    assert_eq!(piece(V2).await, [of(HASTY, true)]);
    assert_eq!(piece(HASTY).await, []);
    resume(store, V1).await;
    resume(store, HASTY).await;
    let piece = async |after| -> Vec<ObjectId> {
        store.resumed(after, 2).await.unwrap().into_iter().map(|of| of.object).collect()
    };
    assert_eq!(piece(FIRST).await, [V1, V2]);
    assert_eq!(piece(V2).await, [HASTY]);
    assert_eq!(piece(HASTY).await, []);
}
