//! Finding tasks and their answers.

use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_answer_is_given_back_byte_for_byte,
    an_open_task_has_no_answer_and_an_unknown_one_is_not_found,
];

async fn an_answer_is_given_back_byte_for_byte(store: &TestStore) {
    let content = serde_json::json!({
        "products": [], "price": {"total": "12.5"}, "comment": "\"quoted\" \\ /\u{7} ¥ 漢字 🥟 'x'",
    });
    let created = store.registered(&Ask::create_order(V1, content)).await;
    store.settle(&[created]).await.unwrap();
    let order = OrderGuid(created.guid.0);
    let read = store.registered(&Ask::get_order(V1, order)).await;
    let paid = store.registered(&Ask::pay(V1, order, &[("13.00", CASH)])).await;
    store.settle(&[read, paid]).await.unwrap();
    for key in [created, read, paid] {
        let first = store.answer_text(key).await;
        let written = store.books().await.task(key.guid).answer.clone().unwrap();
        assert_eq!(first, written);
        // Whatever happens to the order afterwards.
        store.carried_out(&Ask::pay(V1, order, &[("0.50", CASH)])).await;
        assert_eq!(store.answer_text(key).await, first);
    }
    let seen = store.answer(read).await;
    assert_eq!(seen["taskResponse"]["order"]["comment"], "\"quoted\" \\ /\u{7} ¥ 漢字 🥟 'x'");
}

async fn an_open_task_has_no_answer_and_an_unknown_one_is_not_found(store: &TestStore) {
    let open = store.registered(&Ask::get_order(V1, OrderGuid::new())).await;
    let unknown = TaskGuid::new();
    let found = store.find(&[open.guid, unknown, open.guid]).await.unwrap().0;
    assert_eq!(found.len(), 1);
    let found = &found[&open.guid];
    assert_eq!((found.key, found.aggregator), (open, store.callers.main));
    assert_eq!(found.answer, None);
}
