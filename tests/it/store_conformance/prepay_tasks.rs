//! `AddPrepayOrder`, `RemovePrepayOrder`: what is added, what is taken back, what stays in the books.

use serde_json::json;
use uuid::Uuid;
use wsa::domain::task::{CurrencyGuid, OrderGuid};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    a_prepayment_is_added_on_either_version_and_never_above_what_is_due,
    a_prepayment_is_paid_with_the_currency_named_or_the_objects_own,
    removing_takes_back_what_every_task_paid_and_keeps_it_in_the_books,
    pay_remove_and_pay_again_may_share_a_batch,
    a_removal_leaves_other_orders_and_earlier_removals_alone,
    a_closed_order_keeps_what_was_paid,
];

async fn a_prepayment_is_added_on_either_version_and_never_above_what_is_due(store: &TestStore) {
    for object in [V1, V2] {
        let order = store.order(object, "100.00").await;
        let add =
            |amount| Ask::add_prepay(object, order, amount).with("currencyGuid", CARD.to_string());
        let answer =
            store.carried_out(&add("40.00").with("promised", true).with("cardCode", "7")).await;
        let price = json!({"total": 100.0, "summToPay": 60.0});
        assert_eq!(answer["taskResponse"], json!({"order": {"price": price}}));
        assert_eq!(code(&store.carried_out(&add("60.01")).await), "WsaPaymentExceedsDue");
        assert_eq!(code(&store.carried_out(&add("60.00")).await), "done");
        assert_eq!(code(&store.carried_out(&add("0.01")).await), "WsaPaymentExceedsDue");

        let books = store.books().await;
        books.assert_sound();
        let row = books.order(order);
        assert_eq!((row.paid, row.status.as_str()), (10_000, "Created"), "it stays open");
        let mut taken: Vec<_> = books
            .payments_of(order)
            .iter()
            .map(|p| (p.amount, p.promised, p.card.clone()))
            .collect();
        taken.sort();
        assert_eq!(taken, [(4_000, true, Some("7".into())), (6_000, false, None)]);
        let completed = store.carried_out(&Ask::complete_order(object, order)).await;
        assert_eq!(code(&completed), "done");
    }
}

async fn a_prepayment_is_paid_with_the_currency_named_or_the_objects_own(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let add = || Ask::add_prepay(V2, order, "1.00");
    assert_eq!(code(&store.carried_out(&add()).await), "WsaCurrencyNotSpecified");
    let foreign = add().with("currencyGuid", VOUCHER.to_string());
    assert_eq!(code(&store.carried_out(&foreign).await), "WsaCurrencyUnknown");
    store.books().await.assert_untouched(order);

    let set =
        |currency| ObjectChange { prepay_currency: Some(currency), ..ObjectChange::default() };
    assert!(
        Tables::of(store)
            .change_object(V2, &set(Some(CurrencyGuid(Uuid::from_u128(5)))))
            .await
            .unwrap()
    );
    assert_eq!(code(&store.carried_out(&add()).await), "WsaCurrencyUnknown", "it is not there");
    Tables::of(store).change_object(V2, &set(Some(CurrencyGuid(ONLINE)))).await.unwrap();
    assert_eq!(code(&store.carried_out(&add()).await), "done");
    Tables::of(store).change_object(V2, &set(None)).await.unwrap();
    assert_eq!(code(&store.carried_out(&add()).await), "WsaCurrencyNotSpecified");

    let discount = Ask::add_prepay(V2, order, "8.99").with("currencyGuid", DISCOUNT.to_string());
    assert_eq!(code(&store.carried_out(&discount).await), "done");
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.order(order).paid, 1_000, "the kopeck is written off");
    assert!(books.payments_of(order).iter().any(|payment| payment.currency == ONLINE));
}

async fn removing_takes_back_what_every_task_paid_and_keeps_it_in_the_books(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    let nothing = store.carried_out(&Ask::remove_prepay(V1, order)).await;
    assert_eq!(nothing["taskResponse"], json!({}), "nothing to remove is a success");
    store.carried_out(&Ask::pay(V1, order, &[("10.00", CASH), ("20.00", CARD)])).await;
    store.carried_out(&Ask::add_prepay(V1, order, "30.00")).await;
    let remove = store.registered(&Ask::remove_prepay(V1, order)).await;
    store.settle(&[remove]).await.unwrap();
    assert_eq!(store.answer(remove).await["taskResponse"], json!({}));

    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 0, "Created");
    assert_eq!(books.payments_of(order).len(), 3);
    assert!(books.payments_of(order).iter().all(|p| p.removed_by == Some(remove.guid.0)));
    let answer = store.carried_out(&Ask::pay(V1, order, &[("100.00", CASH)])).await;
    assert_eq!(code(&answer), "done", "it can be paid again");
    store.books().await.assert_sound();
}

async fn pay_remove_and_pay_again_may_share_a_batch(store: &TestStore) {
    // The second round meets statements that are prepared, the first one does not.
    for _ in 0..2 {
        let order = store.order(V1, "100.00").await;
        store.carried_out(&Ask::add_prepay(V1, order, "5.00")).await;
        let keys = store
            .all_registered(&[
                Ask::add_prepay(V1, order, "10.00"),
                Ask::remove_prepay(V1, order),
                Ask::pay(V1, order, &[("20.00", CASH)]),
                Ask::remove_prepay(V1, order),
                Ask::add_prepay(V1, order, "100.00"),
                Ask::complete_order(V1, order),
            ])
            .await;
        store.settle(&keys).await.unwrap();
        for key in &keys {
            assert_eq!(code(&store.answer(*key).await), "done");
        }
        let books = store.books().await;
        books.assert_sound();
        books.assert_order(order, 10_000, "Complited");
        let mut removed: Vec<_> =
            books.payments_of(order).iter().map(|p| (p.amount, p.removed_by)).collect();
        removed.sort();
        let by = |n: usize| Some(keys[n].guid.0);
        assert_eq!(removed, [(500, by(1)), (1_000, by(1)), (2_000, by(3)), (10_000, None)]);
    }
}

async fn a_removal_leaves_other_orders_and_earlier_removals_alone(store: &TestStore) {
    let (order, other) = (store.order(V1, "10.00").await, store.order(V1, "10.00").await);
    store.carried_out(&Ask::add_prepay(V1, other, "4.00").within(60)).await;
    let mut removals = Vec::new();
    for _ in 0..2 {
        store.carried_out(&Ask::add_prepay(V1, order, "3.00")).await;
        let remove = store.registered(&Ask::remove_prepay(V1, order)).await;
        store.settle(&[remove, remove]).await.unwrap();
        store.settle(&[remove]).await.unwrap();
        removals.push(remove.guid.0);
    }
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(other, 400, "Created");
    let mut by: Vec<_> = books.payments_of(order).iter().filter_map(|p| p.removed_by).collect();
    by.sort();
    removals.sort();
    assert_eq!(by, removals, "each by the first removal after it");
}

async fn a_closed_order_keeps_what_was_paid(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    store.carried_out(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    let asks = [
        Ask::remove_prepay(V2, order),
        Ask::add_prepay(V2, order, "1.00").with("currencyGuid", CASH.to_string()),
        Ask::cancel_order(V2, order),
    ];
    for ask in asks {
        assert_eq!(code(&store.carried_out(&ask).await), "WsaOrderClosed");
    }
    let unknown = store.carried_out(&Ask::remove_prepay(V2, OrderGuid::new())).await;
    assert_eq!(code(&unknown), "WsaOrderNotFound");
    let books = store.books().await;
    books.assert_sound();
    books.assert_order(order, 1_000, "Complited");
}
