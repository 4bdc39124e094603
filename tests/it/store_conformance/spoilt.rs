//! A row that cannot be written, among others that can.

use std::time::Duration;

use wsa::database::StoreError;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_overdue_task_that_cannot_be_answered_keeps_no_other_from_its_answer,
    a_task_that_cannot_be_taken_is_passed_over,
];

async fn asks(store: &TestStore) -> Vec<Ask> {
    let mut asks = Vec::new();
    for n in 0..40 {
        let object = if n == 7 || n == 23 { V1 } else { V2 };
        let order = store.order(object, "10.00").await;
        asks.push(Ask::add_prepay(object, order, "1.00").within(1));
    }
    asks
}

async fn an_overdue_task_that_cannot_be_answered_keeps_no_other_from_its_answer(store: &TestStore) {
    let keys = store.all_registered(&asks(store).await).await;
    store.place.spoil_tasks_of(V1).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let refused = store.expire(100).await.unwrap_err();
    assert!(matches!(refused, StoreError::Violation(_)), "{refused}");
    // PostgreSQL rolls back what was given up after its caller went on: until then its rows are passed over.
    let (mut answered, mut violations) = (0, 0);
    crate::support::eventually("the others are answered", async || {
        let (announcement, refused) = store.expire_around(16).await.unwrap();
        answered += announcement.answered.len();
        violations += usize::from(matches!(refused, Some(StoreError::Violation(_))));
        answered == 38 && violations > 0
    })
    .await;
    for key in keys.iter().filter(|key| key.object == V2) {
        assert_eq!(code(&store.answer(*key).await), "Timeout");
    }
    // Who asks for all of them gets what there is.
    let guids: Vec<_> = keys.iter().map(|key| key.guid).collect();
    assert_eq!(store.find(&guids).await.unwrap().0.len(), 40);
}

async fn a_task_that_cannot_be_taken_is_passed_over(store: &TestStore) {
    let asks: Vec<Ask> = asks(store).await.into_iter().map(|ask| ask.within(60)).collect();
    store.all_registered(&asks).await;
    store.publish_all_again().await.unwrap();
    store.place.spoil_tasks_of(V1).await;
    let refused = store.take_unpublished(40, 0, 5, 30).await.unwrap_err();
    assert!(matches!(refused, StoreError::Violation(_)), "{refused}");
    let (mut taken, mut skipped) = (0, 0);
    // PostgreSQL rolls back what was given up after its caller went on: until then its rows are locked, and
    // passed over.
    crate::support::eventually("every task is taken or passed over", async || {
        match store.take_unpublished(1, skipped, 5, 30).await {
            Ok(due) => taken += due.len(),
            Err(_) => skipped += 1,
        }
        (taken, skipped) == (38, 2)
    })
    .await;
    assert_eq!(store.take_unpublished(1, skipped, 5, 30).await.unwrap(), []);
}
