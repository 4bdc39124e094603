//! `GetOrderList`: which orders, in which order, how many, and who may see them.

use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::{TestStore, open_orders};

on_each_store![
    a_list_shows_open_orders_of_a_table_or_of_all_the_newest_first,
    a_list_shows_closed_and_cancelled_orders_when_asked,
    a_list_needs_the_permission_of_its_object,
    lists_of_one_batch_see_what_it_did_before_them,
    a_list_ends_after_500,
];

async fn at_table(store: &TestStore, object: ObjectId, table: Value, total: i64) -> OrderGuid {
    let order = json!({"price": {"total": total}, "tableCode": table});
    let answer = store.carried_out(&Ask::create_order(object, order)).await;
    let guid = &answer["taskResponse"]["order"]["orderGuid"];
    guid.as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

fn guids(answer: &Value) -> Vec<OrderGuid> {
    let orders = answer["taskResponse"]["orders"].as_array();
    let orders = orders.unwrap_or_else(|| panic!("{answer}"));
    orders.iter().map(|order| order["orderGuid"].as_str().unwrap().parse().unwrap()).collect()
}

async fn a_list_shows_open_orders_of_a_table_or_of_all_the_newest_first(store: &TestStore) {
    let first = at_table(store, V1, json!(12), 10).await;
    let second = at_table(store, V1, json!("12"), 20).await;
    let terrace = at_table(store, V1, json!("Терраса"), 30).await;
    let nowhere = at_table(store, V1, Value::Null, 40).await;
    at_table(store, V2, json!(12), 50).await;
    let closed = at_table(store, V1, json!(12), 60).await;
    store.carried_out(&Ask::cancel_order(V1, closed)).await;
    store.carried_out(&Ask::add_prepay(V1, first, "3.50")).await;

    let all = store.carried_out(&Ask::order_list(V1)).await;
    assert_eq!(guids(&all), [nowhere, terrace, second, first]);
    for table in [json!(12), json!("12")] {
        let of_table = store.carried_out(&Ask::order_list(V1).with("tableCode", table)).await;
        assert_eq!(guids(&of_table), [second, first]);
        let mut row = of_table["taskResponse"]["orders"][1].clone();
        let opened = row.as_object_mut().unwrap().remove("openTime").unwrap();
        let read = store.carried_out(&Ask::get_order(V1, first)).await;
        assert_eq!(opened, read["taskResponse"]["order"]["createdAt"]);
        let applied = &mut row["appliedPayments"];
        assert_eq!(*applied, read["taskResponse"]["order"]["appliedPayments"]);
        let taken = applied[0].as_object_mut().and_then(|payment| payment.remove("takenAt"));
        assert!(taken.is_some_and(|taken| taken.as_str() >= opened.as_str()), "{row}");
        assert_eq!(
            row,
            json!({"orderGuid": first, "tableCode": 12, "waiterId": null, "sum": 10.0,
                "unpaid": 6.5, "isFinished": false, "isReserve": false, "duration": 0,
                "appliedPayments": [{"amount": 3.5, "writtenOff": 0.0, "currency": CASH,
                    "currencyName": "cash", "kind": "cash"}]})
        );
    }
    let terraces = Ask::order_list(V1).with("tableCode", "Терраса");
    assert_eq!(guids(&store.carried_out(&terraces).await), [terrace]);
    let empty = store.carried_out(&Ask::order_list(V1).with("tableCode", 13)).await;
    assert!(guids(&empty).is_empty());
    let read = store.carried_out(&Ask::get_order(V1, second)).await;
    assert_eq!(read["taskResponse"]["order"]["tableCode"], "12", "given back as it came");
    assert_eq!(read["taskResponse"]["order"]["appliedPayments"], json!([]));
}

async fn a_list_shows_closed_and_cancelled_orders_when_asked(store: &TestStore) {
    let canceled = at_table(store, V1, json!(1), 10).await;
    let closed = at_table(store, V1, json!(1), 20).await;
    let open = at_table(store, V1, json!(1), 30).await;
    let elsewhere = at_table(store, V1, json!(2), 40).await;
    store.carried_out(&Ask::cancel_order(V1, canceled)).await;
    store.carried_out(&Ask::add_prepay(V1, closed, "20")).await;
    store.carried_out(&Ask::complete_order(V1, closed)).await;

    let list = Ask::order_list(V1).with("withClosed", true);
    assert_eq!(guids(&store.carried_out(&list).await), [elsewhere, open, closed, canceled]);
    let of_table = store.carried_out(&list.with("tableCode", 1)).await;
    assert_eq!(guids(&of_table), [open, closed, canceled]);
    let finished = |n: usize| of_table["taskResponse"]["orders"][n]["isFinished"].clone();
    assert_eq!([finished(0), finished(1), finished(2)], [false, true, true]);
    let open_ones = store.carried_out(&Ask::order_list(V1).with("withClosed", false)).await;
    assert_eq!(guids(&open_ones), [elsewhere, open]);
}

async fn a_list_needs_the_permission_of_its_object(store: &TestStore) {
    let order = at_table(store, V2, json!(1), 10).await;
    let of_table = Ask::order_list(V2).with("tableCode", 1);
    let closed = of_table.clone().with("withClosed", true);
    assert_eq!(guids(&store.carried_out(&of_table).await), [order]);
    let refused = async |ask: &Ask| code(&store.carried_out(ask).await).to_owned();
    assert_eq!(refused(&Ask::order_list(V2)).await, "WsaAllTablesNotPermitted");
    assert_eq!(refused(&closed).await, "WsaClosedOrdersNotPermitted");

    let change = |all_tables, closed_orders| ObjectChange {
        all_tables: Some(all_tables),
        closed_orders: Some(closed_orders),
        ..ObjectChange::default()
    };
    Tables::of(store).change_object(V2, &change(true, false)).await.unwrap();
    assert_eq!(refused(&Ask::order_list(V2)).await, "done");
    assert_eq!(refused(&closed).await, "WsaClosedOrdersNotPermitted");
    Tables::of(store).change_object(V2, &change(false, true)).await.unwrap();
    assert_eq!(refused(&closed).await, "done");
    let object = Tables::of(store)
        .objects()
        .await
        .unwrap()
        .into_iter()
        .find(|object| object.id == V2)
        .unwrap();
    assert!(object.permits.closed_orders && !object.permits.all_tables, "{object:?}");
    assert_eq!(object.name, format!("Restaurant {V2}"), "and nothing else changed");
}

async fn lists_of_one_batch_see_what_it_did_before_them(store: &TestStore) {
    let prepaid = at_table(store, V1, json!(1), 10).await;
    let canceled = at_table(store, V1, json!(1), 20).await;
    let list = Ask::order_list(V1);
    let of_table = list.clone().with("tableCode", 2);
    let keys = store
        .all_registered(&[
            list.clone(),
            Ask::create_order(V1, json!({"price": {"total": 30}, "tableCode": 2})),
            Ask::add_prepay(V1, prepaid, "4.00"),
            Ask::cancel_order(V1, canceled),
            list,
            of_table,
        ])
        .await;
    store.settle(&keys).await.unwrap();
    let created = OrderGuid(keys[1].guid.0);
    assert_eq!(guids(&store.answer(keys[0]).await), [canceled, prepaid]);
    let after = store.answer(keys[4]).await;
    assert_eq!(guids(&after), [created, prepaid]);
    assert_eq!(after["taskResponse"]["orders"][1]["unpaid"], 6.0);
    let applied = &after["taskResponse"]["orders"][1]["appliedPayments"];
    assert_eq!((&applied[0]["amount"], &applied[0]["kind"]), (&json!(4.0), &json!("cash")));
    assert_eq!(guids(&store.answer(keys[5]).await), [created]);
}

async fn a_list_ends_after_500(store: &TestStore) {
    open_orders(store, V1, "10.00", 510).await;
    let newest = at_table(store, V1, json!(1), 10).await;
    let listed = guids(&store.carried_out(&Ask::order_list(V1)).await);
    assert_eq!((listed.len(), listed[0]), (500, newest));
}
