//! `CreateOrder`, `GetOrder`, `CompleteOrder`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wsa::database::StoreError;
use wsa::domain::task::{OrderGuid, TaskKey};
use wsa::engine::store::{Settled, Store};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_order_is_opened_read_paid_and_closed,
    an_order_is_completed_only_when_all_of_it_is_prepaid,
    an_original_order_id_is_taken_once_for_each_object,
    an_original_order_id_is_taken_once_by_batches_that_race,
    orders_without_an_original_order_id_do_not_collide,
];

pub(super) fn pie(original: Option<&str>) -> Value {
    json!({
        "originalOrderId": original,
        "products": [{"id": "7", "name": "Pie", "price": 120.5, "quantity": 2,
            "ingredients": [{"id": "9", "name": "Salt", "quantity": 1}]}],
        "price": {"total": 241},
        "comment": "no nuts, «пожалуйста»",
        "personsQuantity": 2,
        "delivery": {"expectedTime": "2026-11-22T12:30:00"},
    })
}

fn created(answer: &Value) -> OrderGuid {
    let guid = &answer["taskResponse"]["order"]["orderGuid"];
    guid.as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

async fn an_order_is_opened_read_paid_and_closed(store: &TestStore) {
    let order = created(&store.carried_out(&Ask::create_order(V1, pie(Some("A-1")))).await);
    let pay = Ask::pay(V1, order, &[("241.00", CASH)]).with("isFullOrderRequired", true);
    let full = store.carried_out(&pay).await;
    assert_eq!(full["taskResponse"]["price"], json!({"total": 241.0, "summToPay": 0.0}));
    let closed = store.carried_out(&Ask::complete_order(V1, order)).await;
    assert_eq!(closed["taskResponse"], json!({"order": {"price": {"total": 241.0}}}));

    let read = store.carried_out(&Ask::get_order(V1, order)).await;
    let seen = &read["taskResponse"]["order"];
    assert_eq!(seen["status"], json!({"value": "Complited", "isBillPrinted": false}));
    assert_eq!(seen["originalOrderId"], "A-1");
    assert_eq!(seen["comment"], "no nuts, «пожалуйста»");
    assert_eq!(seen["personsQuantity"], 2);
    assert_eq!(seen["delivery"]["expectedTime"], "2026-11-22T12:30:00");
    let salt = json!({"id": "9", "name": "Salt", "quantity": "1"});
    let products = json!([{"ingredients": [salt], "voidingReason": null, "id": "7", "name": "Pie",
        "price": "120.50", "quantity": 2}]);
    assert_eq!(seen["products"], products);
    assert_eq!(full["taskResponse"]["order"]["products"], products);

    for ask in [Ask::complete_order(V1, order), Ask::pay(V1, order, &[("0.01", CASH)])] {
        assert_eq!(code(&store.carried_out(&ask).await), "WsaOrderClosed");
    }
    store.books().await.assert_sound();
}

async fn an_order_is_completed_only_when_all_of_it_is_prepaid(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    for paid in [None, Some("9.99")] {
        if let Some(amount) = paid {
            store.carried_out(&Ask::pay(V1, order, &[(amount, CASH)])).await;
        }
        let answer = store.carried_out(&Ask::complete_order(V1, order)).await;
        assert_eq!(code(&answer), "WsaOrderNotPaid");
        assert_eq!(store.books().await.order(order).status, "Created");
    }
    store.carried_out(&Ask::pay(V1, order, &[("0.01", CASH)])).await;
    assert_eq!(code(&store.carried_out(&Ask::complete_order(V1, order)).await), "done");
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.order(order).status, "Complited");
}

async fn an_original_order_id_is_taken_once_for_each_object(store: &TestStore) {
    let create = |object| Ask::create_order(object, pie(Some("A-1")));
    let keys = store.all_registered(&[create(V1), create(V1), create(V2)]).await;
    store.settle(&keys).await.unwrap();
    let first = created(&store.answer(keys[0]).await);
    let second = store.answer(keys[1]).await;
    assert_eq!(code(&second), "WsaDuplicateOrder", "in one batch");
    assert!(second.to_string().contains(&first.to_string()), "{second}");
    created(&store.answer(keys[2]).await);
    let later = store.carried_out(&create(V1)).await;
    assert_eq!(code(&later), "WsaDuplicateOrder", "in a later one");
    assert_eq!(store.books().await.orders.len(), 2);
}

/// As the worker does: again, when another was in the way.
async fn settle_again_while_it_may_pass(store: &Store, keys: &[TaskKey]) -> Vec<Settled> {
    let mut lost = 0;
    loop {
        match store.settle(keys).await {
            Ok(batch) => return batch.settled,
            // The race is lost once: the next attempt sees who won it.
            Err(StoreError::Violation(_)) if lost == 0 => lost += 1,
            Err(error) => assert!(error.is_passing(), "{error}"),
        }
    }
}

async fn an_original_order_id_is_taken_once_by_batches_that_race(store: &TestStore) {
    const ROUNDS: usize = 10;
    for round in 0..ROUNDS {
        let create = Ask::create_order(V2, pie(Some(&format!("race-{round}"))));
        let other = |n: usize| Ask::create_order(V2, pie(Some(&format!("own-{round}-{n}"))));
        let mut batches = Vec::new();
        for n in 0..4 {
            batches.push(store.all_registered(&[other(n), create.clone()]).await);
        }
        let racing = batches.iter().cloned().map(|keys| {
            let store = store.store.clone();
            tokio::spawn(async move { settle_again_while_it_may_pass(&store, &keys).await })
        });
        join_all(racing).await.into_iter().for_each(|settled| drop(settled.unwrap()));
        let mut codes = Vec::new();
        for keys in &batches {
            created(&store.answer(keys[0]).await);
            codes.push(code(&store.answer(keys[1]).await).to_owned());
        }
        codes.sort();
        assert_eq!(codes, ["WsaDuplicateOrder", "WsaDuplicateOrder", "WsaDuplicateOrder", "done"]);
    }
    assert_eq!(store.books().await.orders.len(), ROUNDS * 5);
}

async fn orders_without_an_original_order_id_do_not_collide(store: &TestStore) {
    let asks = vec![Ask::create_order(V1, pie(None)); 3];
    let keys = store.all_registered(&asks).await;
    store.settle(&keys).await.unwrap();
    for key in keys {
        created(&store.answer(key).await);
    }
    assert_eq!(store.books().await.orders.len(), 3);
}
