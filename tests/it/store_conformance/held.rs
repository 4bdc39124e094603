//! Tasks of a paused object are held until it is resumed.

use wsa::engine::store::Settlement;
use wsa::engine::store::journal::{Act, Actor, Via};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    what_a_worker_received_of_a_paused_object_is_published_once_it_is_resumed,
    what_was_held_too_late_is_found_all_the_same,
];

fn anna() -> Actor {
    Actor { who: "anna".into(), role: Some("operator"), via: Via::Api }
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
    assert_eq!(store.resumed(9).await.unwrap(), []);

    assert!(store.resume(V1, &anna(), Act::default()).await.unwrap());
    assert!(!store.resume(V1, &anna(), Act::default()).await.unwrap(), "it is not paused");
    assert_eq!(store.resumed(9).await.unwrap(), [V1]);
    let taken = |due: Vec<wsa::engine::store::Republish>| -> Vec<_> {
        due.into_iter().map(|due| due.key).collect()
    };
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
    store.pause(V1, &anna(), Act::default()).await.unwrap();
    store.resume(V1, &anna(), Act::default()).await.unwrap();
    assert_eq!(store.take_held(V1, 9, 5).await.unwrap(), []);
    store.forget_resumed().await.unwrap();
    let late = "UPDATE tasks SET held = (1 = 1), publish_at = deadline";
    store.place.execute(late).await.unwrap();
    assert_eq!(store.resumed(9).await.unwrap(), [V1], "it is looked for still");
    assert_eq!(store.take_held(V1, 9, 5).await.unwrap()[0].key, key);
    // Whoever pauses it again has it held again.
    store.pause(V1, &anna(), Act::default()).await.unwrap();
    assert_eq!(store.resumed(9).await.unwrap(), []);
    assert_eq!(store.settled(&[key]).await, [Settlement::PutOff]);
    store.resume(V1, &anna(), Act::default()).await.unwrap();
    let old = format!("UPDATE resumed_objects SET resumed_at = {}", store.place.moment(-200_000));
    store.place.execute(&old).await.unwrap();
    store.forget_resumed().await.unwrap();
    assert_eq!(store.resumed(9).await.unwrap(), []);
}
