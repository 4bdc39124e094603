//! `CancelOrder`: what may be cancelled, and what becomes of the money.

use serde_json::json;
use wsa::domain::task::OrderGuid;
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_unpaid_order_is_cancelled_and_cannot_be_changed_any_more,
    a_paid_order_is_cancelled_only_where_that_is_permitted_and_gives_the_money_back,
    a_printed_bill_counts_like_money,
    an_order_is_cancelled_by_the_guid_of_its_task,
    what_is_paid_in_the_batch_of_its_cancelling_is_given_back_too,
];

async fn an_unpaid_order_is_cancelled_and_cannot_be_changed_any_more(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let answer = store.carried_out(&Ask::cancel_order(V2, order)).await;
    assert_eq!(answer["taskResponse"], json!({"status": "Ok"}));
    for ask in [
        Ask::cancel_order(V2, order),
        Ask::pay(V2, order, &[("10.00", CASH)]),
        Ask::add_prepay(V2, order, "1.00").with("currencyGuid", CASH.to_string()),
        Ask::remove_prepay(V2, order),
        Ask::complete_order(V2, order),
    ] {
        assert_eq!(code(&store.carried_out(&ask).await), "WsaOrderCanceledOnKass");
    }
    let read = store.carried_out(&Ask::get_order(V2, order)).await;
    assert_eq!(read["taskResponse"]["order"]["status"]["value"], "Canceled");
    let unknown = store.carried_out(&Ask::cancel_order(V2, OrderGuid::new())).await;
    assert_eq!(code(&unknown), "WsaOrderNotFound");
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 0, "Canceled");
}

async fn a_paid_order_is_cancelled_only_where_that_is_permitted_and_gives_the_money_back(
    store: &TestStore,
) {
    let order = store.order(V2, "10.00").await;
    let prepay = Ask::add_prepay(V2, order, "4.00").with("currencyGuid", CASH.to_string());
    store.carried_out(&prepay).await;
    let refused = store.carried_out(&Ask::cancel_order(V2, order)).await;
    assert_eq!(code(&refused), "WsaOrderPaid");
    assert!(refused.to_string().contains("4.00 of 10.00"), "{refused}");
    store.books().await.assert_order(order, 400, "Created");

    let permit = ObjectChange { cancel_paid: Some(true), ..ObjectChange::default() };
    Tables::of(store).change_object(V2, &permit).await.unwrap();
    let cancel = store.registered(&Ask::cancel_order(V2, order)).await;
    store.settle(&[cancel]).await.unwrap();
    assert_eq!(code(&store.answer(cancel).await), "done");
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 0, "Canceled");
    let payments = books.payments_of(order);
    assert_eq!((payments.len(), payments[0].removed_by), (1, Some(cancel.guid.0)));
}

async fn a_printed_bill_counts_like_money(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let of = store.place.guid(order.0);
    let print = format!("UPDATE orders SET bill_printed = (1 = 1) WHERE order_guid = {of}");
    store.place.execute(&print).await.unwrap();
    let state = store.carried_out(&Ask::order_state(V2, order)).await;
    assert_eq!(state["taskResponse"]["order"]["status"]["isBillPrinted"], true);
    let refused = store.carried_out(&Ask::cancel_order(V2, order)).await;
    assert_eq!(code(&refused), "WsaOrderPaid");
    let permit = ObjectChange { cancel_paid: Some(true), ..ObjectChange::default() };
    Tables::of(store).change_object(V2, &permit).await.unwrap();
    assert_eq!(code(&store.carried_out(&Ask::cancel_order(V2, order)).await), "done");
}

async fn an_order_is_cancelled_by_the_guid_of_its_task(store: &TestStore) {
    let create = Ask::create_order(V1, json!({"price": {"total": 10}}));
    let created = store.registered(&create).await;
    let by_task = Ask::cancel_order(V1, OrderGuid(created.guid.0))
        .with("orderGuid", serde_json::Value::Null)
        .with("taskGuid", created.guid.to_string());
    let too_early = store.carried_out(&by_task).await;
    assert_eq!(code(&too_early), "WsaOrderNotFound");
    store.settle(&[created]).await.unwrap();
    assert_eq!(code(&store.carried_out(&by_task).await), "done");
    store.books().await.assert_order(OrderGuid(created.guid.0), 0, "Canceled");
}

async fn what_is_paid_in_the_batch_of_its_cancelling_is_given_back_too(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    store.carried_out(&Ask::add_prepay(V1, order, "1.00")).await;
    let keys = store
        .all_registered(&[
            Ask::add_prepay(V1, order, "2.00"),
            Ask::cancel_order(V1, order),
            Ask::add_prepay(V1, order, "3.00"),
        ])
        .await;
    store.settle(&keys).await.unwrap();
    assert_eq!(code(&store.answer(keys[2]).await), "WsaOrderCanceledOnKass");
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 0, "Canceled");
    assert!(books.payments_of(order).iter().all(|p| p.removed_by == Some(keys[1].guid.0)));
}
