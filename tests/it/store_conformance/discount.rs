//! The 100 % discount: all but one kopeck, which is written off.

use wsa::domain::task::ObjectId;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    a_full_discount_pays_all_but_a_kopeck_and_writes_that_off,
    a_full_discount_of_any_other_amount_is_refused,
    a_full_discount_cannot_be_mixed,
    a_full_discount_pays_what_is_still_due,
];

async fn a_full_discount_pays_all_but_a_kopeck_and_writes_that_off(store: &TestStore) {
    for (object, status) in [(V1, "Created"), (V2, "Complited")] {
        let order = store.order(object, "100.00").await;
        let answer = store.carried_out(&Ask::pay(object, order, &[("99.99", DISCOUNT)])).await;
        assert_eq!(code(&answer), "done");
        assert_eq!(answer["taskResponse"]["order"]["price"]["summToPay"], 0.0);
        let books = store.books().await;
        books.assert_sound();
        assert_eq!((books.order(order).paid, books.order(order).status.as_str()), (10_000, status));
        let payments = books.payments_of(order);
        assert_eq!(payments.len(), 1);
        assert_eq!((payments[0].amount, payments[0].written_off), (9_999, 1));
    }
}

async fn a_full_discount_of_any_other_amount_is_refused(store: &TestStore) {
    for object in [V1, V2] {
        let order = store.order(object, "100.00").await;
        for amount in ["100.00", "99.98", "0.01", "100.01"] {
            let answer = store.carried_out(&Ask::pay(object, order, &[(amount, DISCOUNT)])).await;
            assert_eq!(code(&answer), "WsaFullDiscountKopeck", "{object} {amount}");
        }
        store.books().await.assert_untouched(order);
    }
    nothing_due(store, V1).await;
}

async fn nothing_due(store: &TestStore, object: ObjectId) {
    let order = store.order(object, "5.00").await;
    store.carried_out(&Ask::pay(object, order, &[("5.00", CASH)])).await;
    let answer = store.carried_out(&Ask::pay(object, order, &[("0.01", DISCOUNT)])).await;
    assert_eq!(code(&answer), "WsaFullDiscountKopeck");
    store.books().await.assert_paid_once(&[order]);
}

async fn a_full_discount_cannot_be_mixed(store: &TestStore) {
    for object in [V1, V2] {
        let order = store.order(object, "100.00").await;
        for lines in [
            vec![("99.98", DISCOUNT), ("0.01", CASH)],
            vec![("0.01", CASH), ("99.98", DISCOUNT)],
            vec![("50.00", DISCOUNT), ("49.99", DISCOUNT)],
        ] {
            let answer = store.carried_out(&Ask::pay(object, order, &lines)).await;
            assert_eq!(code(&answer), "WsaFullDiscountMixed", "{object} {lines:?}");
        }
        store.books().await.assert_untouched(order);
    }
}

async fn a_full_discount_pays_what_is_still_due(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    store.carried_out(&Ask::pay(V1, order, &[("40.00", CASH)])).await;
    let answer = store.carried_out(&Ask::pay(V1, order, &[("99.99", DISCOUNT)])).await;
    assert_eq!(code(&answer), "WsaFullDiscountKopeck");
    let answer = store.carried_out(&Ask::pay(V1, order, &[("59.99", DISCOUNT)])).await;
    assert_eq!(code(&answer), "done");
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.order(order).paid, 10_000);
}
