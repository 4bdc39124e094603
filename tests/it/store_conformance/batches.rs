//! Several tasks in one transaction: they see each other's effects, and none harms another.

use wsa::domain::task::{OrderGuid, Outcome, TaskGuid, TaskKey};
use wsa::engine::store::Settlement;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    two_payments_of_one_order_in_a_batch_are_taken_one_after_the_other,
    a_batch_is_settled_in_the_order_of_delivery,
    refused_neighbours_change_nothing_for_the_others,
    a_redelivery_changes_nothing,
    a_task_that_is_twice_in_a_batch_is_settled_once,
    an_unknown_task_is_told_and_harms_nobody,
    a_card_code_is_kept_with_its_payment,
];

/// How a batch went, in a word for each task.
fn words(settled: &[Settlement]) -> Vec<&'static str> {
    let word = |settlement: &Settlement| match settlement {
        Settlement::Answered { outcome, .. } => outcome.as_str(),
        Settlement::Repeated => "repeated",
        Settlement::PutOff => "put off",
        Settlement::Unknown => "unknown",
    };
    settled.iter().map(word).collect()
}

async fn two_payments_of_one_order_in_a_batch_are_taken_one_after_the_other(store: &TestStore) {
    let closing = store.order(V2, "100.00").await;
    let pay = Ask::pay(V2, closing, &[("100.00", CASH)]);
    let keys = store.all_registered(&[pay.clone(), pay]).await;
    assert_eq!(words(&store.settled(&keys).await), ["done", "refused"]);
    assert_eq!(code(&store.answer(keys[1]).await), "WsaOrderClosed");

    let prepaid = store.order(V1, "100.00").await;
    let pay = |amount| Ask::pay(V1, prepaid, &[(amount, CASH)]);
    let keys = store.all_registered(&[pay("60.00"), pay("60.00"), pay("40.00")]).await;
    assert_eq!(words(&store.settled(&keys).await), ["done", "refused", "done"]);
    let due = &store.answer(keys[2]).await["taskResponse"]["order"]["price"]["summToPay"];
    assert_eq!(due, 0.0);

    let books = store.books().await;
    books.assert_sound();
    books.assert_paid_once(&[closing]);
    assert_eq!(books.order(prepaid).paid, 10_000);
}

async fn a_batch_is_settled_in_the_order_of_delivery(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let keys = store
        .all_registered(&[
            Ask::pay(V1, order, &[("10.00", CASH)]),
            Ask::complete_order(V1, order),
            Ask::get_order(V1, order),
        ])
        .await;
    // Against the order of keys, which is the order of locks.
    let mut backwards = keys.clone();
    backwards.reverse();
    assert_eq!(words(&store.settled(&backwards).await), ["done", "refused", "done"]);
    assert_eq!(code(&store.answer(keys[1]).await), "WsaOrderNotPaid");
    let seen = store.answer(keys[2]).await;
    assert_eq!(seen["taskResponse"]["order"]["price"]["summToPay"], 10.0, "not paid yet");
}

async fn refused_neighbours_change_nothing_for_the_others(store: &TestStore) {
    let mut asks = Vec::new();
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for n in 0..30 {
        let order = store.order(V2, "10.00").await;
        asks.push(match n % 3 {
            0 => Ask::pay(V2, order, &[("9.99", CASH)]),
            1 => Ask::pay(V2, OrderGuid::new(), &[("10.00", CASH)]),
            _ => Ask::pay(V2, order, &[("10.00", CASH)]),
        });
        if n % 3 == 2 { good.push(order) } else { bad.push(order) }
    }
    let keys = store.all_registered(&asks).await;
    let settled = store.settled(&keys).await;
    assert_eq!(words(&settled), ["refused", "refused", "done"].repeat(10));
    let books = store.books().await;
    books.assert_sound();
    books.assert_paid_once(&good);
    bad.iter().for_each(|order| books.assert_untouched(*order));
}

async fn a_redelivery_changes_nothing(store: &TestStore) {
    let (paid, refused) = (store.order(V1, "10.00").await, store.order(V1, "10.00").await);
    let keys = store
        .all_registered(&[
            Ask::pay(V1, paid, &[("5.00", CASH)]),
            Ask::pay(V1, refused, &[("11.00", CASH)]),
        ])
        .await;
    assert_eq!(words(&store.settled(&keys).await), ["done", "refused"]);
    let first = [store.answer_text(keys[0]).await, store.answer_text(keys[1]).await];
    for _ in 0..3 {
        assert_eq!(store.settled(&keys).await, [Settlement::Repeated; 2]);
    }
    // Now that the refused amount would fit, its task stays refused.
    let raise = format!("UPDATE orders SET total = {}", store.place.kopecks(2_000));
    store.place.execute(&raise).await.unwrap();
    assert_eq!(store.settled(&keys).await, [Settlement::Repeated; 2]);
    assert_eq!([store.answer_text(keys[0]).await, store.answer_text(keys[1]).await], first);
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.order(paid).paid, 500);
    books.assert_untouched(refused);
}

async fn a_task_that_is_twice_in_a_batch_is_settled_once(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("5.00", CASH)])).await;
    assert_eq!(words(&store.settled(&[key, key, key]).await), ["done"]);
    assert_eq!(store.books().await.order(order).paid, 500);
}

async fn an_unknown_task_is_told_and_harms_nobody(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let known = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    let unknown = TaskKey { object: V2, guid: TaskGuid::new() };
    let of_another_object = TaskKey { object: V1, guid: known.guid };
    let settled = store.settled(&[unknown, of_another_object, known]).await;
    assert_eq!(words(&settled), ["unknown", "unknown", "done"]);
    assert!(store.find(&[unknown.guid]).await.unwrap().0.is_empty());
    assert!(store.fail(unknown).await.unwrap().is_empty());
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.outcome(known.guid), Some(Outcome::Done.as_str()));
}

async fn a_card_code_is_kept_with_its_payment(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let line = serde_json::json!({"amount": 10, "currency": CARD, "cardCode": "7001-Ж"});
    let ask = Ask::pay(V2, order, &[]).with("payments", vec![line]);
    let answer = store.carried_out(&ask).await;
    assert_eq!(code(&answer), "done");
    assert!(!answer.to_string().contains("7001"), "{answer}");
    assert_eq!(store.books().await.payments_of(order)[0].card.as_deref(), Some("7001-Ж"));
}
