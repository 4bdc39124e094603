//! What an object of either version takes: v1 any part of what is due, v2 exactly what is due.

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    v1_takes_parts_until_nothing_is_due,
    v1_refuses_more_than_is_due_and_takes_nothing,
    v1_takes_all_lines_of_a_task_or_none,
    v2_takes_exactly_what_is_due_and_closes_the_order,
    v2_refuses_a_kopeck_less_or_more_and_takes_nothing,
    v2_takes_several_lines_that_add_up,
    large_and_small_amounts_are_kept_to_the_kopeck,
];

async fn v1_takes_parts_until_nothing_is_due(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    let answer = store.carried_out(&Ask::pay(V1, order, &[("40.00", CASH)])).await;
    assert_eq!(answer["taskResponse"]["order"]["price"]["total"], 100.0);
    assert_eq!(answer["taskResponse"]["order"]["price"]["summToPay"], 60.0);
    assert_eq!(store.books().await.order(order).status, "Created");

    let answer = store.carried_out(&Ask::pay(V1, order, &[("60.00", CARD)])).await;
    assert_eq!(answer["taskResponse"]["order"]["price"]["summToPay"], 0.0);
    let answer = store.carried_out(&Ask::pay(V1, order, &[("0.01", CASH)])).await;
    assert_eq!(code(&answer), "WsaPaymentExceedsDue");

    let books = store.books().await;
    books.assert_sound();
    let row = books.order(order);
    assert_eq!((row.paid, row.status.as_str(), row.closed), (10_000, "Created", false));
    let mut amounts: Vec<_> =
        books.payments_of(order).iter().map(|p| (p.amount, p.currency, p.written_off)).collect();
    amounts.sort();
    assert_eq!(amounts, [(4000, CASH, 0), (6000, CARD, 0)]);
}

async fn v1_refuses_more_than_is_due_and_takes_nothing(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    let answer = store.carried_out(&Ask::pay(V1, order, &[("100.01", CASH)])).await;
    assert_eq!(code(&answer), "WsaPaymentExceedsDue");
    let told = answer["error"]["agentError"]["desc"].as_str().unwrap();
    assert!(told.contains("100.01") && told.contains("100.00"), "{told}");
    store.books().await.assert_untouched(order);
}

async fn v1_takes_all_lines_of_a_task_or_none(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    let too_much = [("60.00", CASH), ("40.00", CARD), ("0.01", ONLINE)];
    let answer = store.carried_out(&Ask::pay(V1, order, &too_much)).await;
    assert_eq!(code(&answer), "WsaPaymentExceedsDue");
    store.books().await.assert_untouched(order);

    let lines = [("60.00", CASH), ("39.99", VOUCHER), ("0.01", CASH)];
    let key = store.registered(&Ask::pay(V1, order, &lines)).await;
    store.settle(&[key]).await.unwrap();
    let books = store.books().await;
    books.assert_sound();
    let taken: Vec<_> =
        books.payments_of(order).iter().map(|p| (p.line, p.amount, p.currency)).collect();
    assert_eq!(taken, [(0, 6000, CASH), (1, 3999, VOUCHER), (2, 1, CASH)]);
    assert!(books.payments_of(order).iter().all(|p| p.task == key.guid.0));
}

async fn v2_takes_exactly_what_is_due_and_closes_the_order(store: &TestStore) {
    let order = store.order(V2, "449.35").await;
    let answer = store.carried_out(&Ask::pay(V2, order, &[("449.35", ONLINE)])).await;
    assert_eq!(answer["taskResponse"]["order"]["price"]["total"], 449.35);
    assert_eq!(answer["taskResponse"]["order"]["price"]["summToPay"], 0.0);
    let books = store.books().await;
    books.assert_sound();
    let row = books.order(order);
    assert_eq!((row.paid, row.status.as_str(), row.closed), (44_935, "Complited", true));

    for amount in ["449.35", "0.01"] {
        let answer = store.carried_out(&Ask::pay(V2, order, &[(amount, ONLINE)])).await;
        assert_eq!(code(&answer), "WsaOrderClosed");
    }
    store.books().await.assert_paid_once(&[order]);
}

async fn v2_refuses_a_kopeck_less_or_more_and_takes_nothing(store: &TestStore) {
    let order = store.order(V2, "449.35").await;
    for amount in ["449.34", "449.36", "0.01", "999999999999.99"] {
        let answer = store.carried_out(&Ask::pay(V2, order, &[(amount, CASH)])).await;
        assert_eq!(code(&answer), "WsaPaymentNotEqualDue", "{amount}");
        let told = answer["error"]["agentError"]["desc"].as_str().unwrap();
        assert!(told.contains(amount) && told.contains("449.35"), "{told}");
    }
    store.books().await.assert_untouched(order);
    let answer = store.carried_out(&Ask::pay(V2, order, &[("449.35", CASH)])).await;
    assert_eq!(code(&answer), "done", "it can still be paid");
}

async fn v2_takes_several_lines_that_add_up(store: &TestStore) {
    let order = store.order(V2, "0.30").await;
    for lines in [[("0.10", CASH), ("0.19", CARD)], [("0.10", CASH), ("0.21", CARD)]] {
        let answer = store.carried_out(&Ask::pay(V2, order, &lines)).await;
        assert_eq!(code(&answer), "WsaPaymentNotEqualDue");
    }
    let lines = [("0.1", CASH), ("0.2", CARD)];
    let answer = store.carried_out(&Ask::pay(V2, order, &lines)).await;
    assert_eq!(code(&answer), "done");
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.payments_of(order).len(), 2);
    assert_eq!(books.order(order).status, "Complited");
}

async fn large_and_small_amounts_are_kept_to_the_kopeck(store: &TestStore) {
    for (total, kopecks) in [("999999999999.99", 99_999_999_999_999), ("0.01", 1), ("0.29", 29)] {
        let order = store.order(V2, total).await;
        let answer = store.carried_out(&Ask::pay(V2, order, &[(total, CASH)])).await;
        assert_eq!(code(&answer), "done", "{total}");
        let books = store.books().await;
        assert_eq!(books.order(order).paid, kopecks);
        assert_eq!(books.payments_of(order)[0].amount, kopecks);
    }
    let order = store.order(V1, "999999999999.99").await;
    let lines = [("999999999999.99", CASH), ("999999999999.99", CASH)];
    let answer = store.carried_out(&Ask::pay(V1, order, &lines)).await;
    assert_eq!(code(&answer), "WsaPaymentExceedsDue", "more than an amount can be");
    store.books().await.assert_untouched(order);
}
