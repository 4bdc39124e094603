//! What a payment is refused for beside its sum. A refusal never leaves a partial effect.

use wsa::domain::task::{OrderGuid, Outcome};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;
use wsa::engine::store::Settlement;

on_each_store![
    an_unknown_order_is_refused,
    an_order_of_another_object_is_as_good_as_unknown,
    a_currency_that_the_object_does_not_accept_is_refused,
    no_payments_at_all_are_refused,
    a_cancelled_order_is_not_paid,
    a_request_that_cannot_be_read_any_more_is_refused,
];

async fn an_unknown_order_is_refused(store: &TestStore) {
    let asks = [
        Ask::pay(V2, OrderGuid::new(), &[("1.00", CASH)]),
        Ask::get_order(V2, OrderGuid::new()),
        Ask::complete_order(V1, OrderGuid::new()),
    ];
    for ask in asks {
        let answer = store.carried_out(&ask).await;
        assert_eq!(code(&answer), "WsaOrderNotFound", "{answer}");
    }
    assert!(store.books().await.payments.is_empty());
}

async fn an_order_of_another_object_is_as_good_as_unknown(store: &TestStore) {
    let order = store.order(HASTY, "10.00").await;
    for ask in [
        Ask::pay(V2, order, &[("10.00", CASH)]),
        Ask::get_order(V2, order),
        Ask::complete_order(V2, order),
    ] {
        let answer = store.carried_out(&ask).await;
        assert_eq!(code(&answer), "WsaOrderNotFound", "{answer}");
        assert!(!answer.to_string().contains("10.00"), "nothing of it is told: {answer}");
    }
    store.books().await.assert_untouched(order);
}

async fn a_currency_that_the_object_does_not_accept_is_refused(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let unknown = uuid::Uuid::new_v4();
    for lines in [
        [("5.00", CASH), ("5.00", unknown)],
        [("5.00", unknown), ("5.00", CASH)],
        // Another object accepts it.
        [("5.00", CASH), ("5.00", VOUCHER)],
    ] {
        let answer = store.carried_out(&Ask::pay(V2, order, &lines)).await;
        assert_eq!(code(&answer), "WsaCurrencyUnknown", "{lines:?}");
    }
    store.books().await.assert_untouched(order);
}

async fn no_payments_at_all_are_refused(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let answer = store.carried_out(&Ask::pay(V2, order, &[])).await;
    assert_eq!(code(&answer), "WsaPaymentsEmpty");
    store.books().await.assert_untouched(order);
}

async fn a_cancelled_order_is_not_paid(store: &TestStore) {
    for object in [V1, V2] {
        let order = store.order(object, "10.00").await;
        let guid = store.place.guid(order.0);
        let cancel = format!(
            "UPDATE orders SET status = 'Canceled', version = version + 1 WHERE order_guid = {guid}"
        );
        assert_eq!(store.place.execute(&cancel).await, Ok(1));
        for ask in [Ask::pay(object, order, &[("10.00", CASH)]), Ask::complete_order(object, order)]
        {
            assert_eq!(code(&store.carried_out(&ask).await), "WsaOrderCanceledOnKass");
        }
        let books = store.books().await;
        assert_eq!((books.order(order).paid, books.order(order).status.as_str()), (0, "Canceled"));
        assert!(books.payments.is_empty());
    }
}

async fn a_request_that_cannot_be_read_any_more_is_refused(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let spoilt = store.registered(&Ask::get_order(V2, order)).await;
    let good = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    let guid = store.place.guid(spoilt.guid.0);
    let spoil = format!("UPDATE tasks SET request = '{{' WHERE task_guid = {guid}");
    assert_eq!(store.place.execute(&spoil).await, Ok(1));
    let settled = store.settled(&[spoilt, good]).await;
    let outcome = |settlement: &Settlement| match settlement {
        Settlement::Answered { outcome, .. } => *outcome,
        other => panic!("{other:?}"),
    };
    let outcomes: Vec<_> = settled.iter().map(outcome).collect();
    assert_eq!(outcomes, [Outcome::Refused, Outcome::Done], "its neighbour is not concerned");
    assert_eq!(code(&store.answer(spoilt).await), "BadRequest");
    store.books().await.assert_paid_once(&[order]);
}
