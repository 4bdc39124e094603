//! `GetOrderState`: by the order's guid, and by its task's before there is an order.

use serde_json::{Value, json};
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    an_order_tells_where_it_stands_by_either_guid,
    before_the_till_a_task_tells_how_its_order_stands,
    a_state_sees_what_its_own_batch_did_before,
    another_aggregators_task_tells_nothing,
    only_a_task_that_creates_an_order_has_one,
];

fn create(original: &str) -> Ask {
    Ask::create_order(V2, json!({"price": {"total": 10}, "originalOrderId": original}))
}

fn state(answer: &Value) -> (&str, Option<&str>) {
    let order = &answer["taskResponse"]["order"];
    let value = order["status"]["value"].as_str().unwrap_or_else(|| panic!("{answer}"));
    (value, order["rejectingReason"]["code"].as_str())
}

async fn an_order_tells_where_it_stands_by_either_guid(store: &TestStore) {
    let task = store.registered(&create("A-1")).await;
    store.settle(&[task]).await.unwrap();
    let order = OrderGuid(task.guid.0);
    let asks = [Ask::order_state(V2, order), Ask::created_state(V2, task.guid)];
    for ask in &asks {
        let status = json!({"value": "Created", "isBillPrinted": false});
        assert_eq!(
            store.carried_out(ask).await["taskResponse"]["order"],
            json!({"orderGuid": order, "originalOrderId": "A-1", "status": status,
                "substate": null, "rejectingReason": null})
        );
    }
    store.carried_out(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    for ask in &asks {
        assert_eq!(state(&store.carried_out(ask).await), ("Complited", None));
    }
    let unknown = store.carried_out(&Ask::order_state(V2, OrderGuid::new())).await;
    assert_eq!(code(&unknown), "WsaOrderNotFound");
}

async fn before_the_till_a_task_tells_how_its_order_stands(store: &TestStore) {
    let first = store.registered(&create("A-1")).await;
    let ask = Ask::created_state(V2, first.guid);
    assert_eq!(state(&store.carried_out(&ask).await), ("Confirmed", None));
    let by_order = Ask::order_state(V2, OrderGuid(first.guid.0));
    assert_eq!(code(&store.carried_out(&by_order).await), "WsaOrderNotFound");
    store.settle(&[first]).await.unwrap();
    assert_eq!(state(&store.carried_out(&ask).await), ("Created", None));

    let refused = store.registered(&create("A-1")).await;
    let late = store.registered(&create("A-2").within(0)).await;
    let failed = store.registered(&create("A-3")).await;
    store.settle(&[refused, late]).await.unwrap();
    assert!(!store.fail(failed).await.unwrap().is_empty());
    for (task, reason) in
        [(refused, "WsaDuplicateOrder"), (late, "Timeout"), (failed, "InternalError")]
    {
        let told = store.carried_out(&Ask::created_state(V2, task.guid)).await;
        assert_eq!(state(&told), ("CreationError", Some(reason)));
        let answered = store.answer(task).await;
        let error = answered["error"].as_object().unwrap().values().next().unwrap();
        assert_eq!(told["taskResponse"]["order"]["rejectingReason"]["message"], error["desc"]);
    }
}

async fn a_state_sees_what_its_own_batch_did_before(store: &TestStore) {
    let tasks =
        store.all_registered(&[create("A-1"), create("A-1"), create("A-2").within(0)]).await;
    let asks: Vec<Ask> = tasks.iter().map(|task| Ask::created_state(V2, task.guid)).collect();
    let before = store.all_registered(&asks).await;
    let after = store.all_registered(&asks).await;
    store.settle(&[before.clone(), tasks, after.clone()].concat()).await.unwrap();
    for key in before {
        assert_eq!(state(&store.answer(key).await), ("Confirmed", None));
    }
    let mut told = Vec::new();
    for key in after {
        told.push(store.answer(key).await);
    }
    let told: Vec<_> = told.iter().map(state).collect();
    let failed = |reason| ("CreationError", Some(reason));
    assert_eq!(told, [("Created", None), failed("WsaDuplicateOrder"), failed("Timeout")]);
}

async fn another_aggregators_task_tells_nothing(store: &TestStore) {
    let task = create("A-1").task(store.callers.other);
    store.register(std::slice::from_ref(&task), DEFAULTS).await.unwrap();
    let ask = Ask::created_state(V2, task.key.guid);
    let told = store.carried_out(&ask).await;
    let nobodys = store.carried_out(&Ask::created_state(V2, TaskGuid::new())).await;
    assert_eq!((code(&told), code(&nobodys)), ("WsaOrderNotFound", "WsaOrderNotFound"));
    store.settle(&[task.key]).await.unwrap();
    assert_eq!(state(&store.carried_out(&ask).await), ("Created", None), "orders are the object's");
}

async fn only_a_task_that_creates_an_order_has_one(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let pay = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    let told = store.carried_out(&Ask::created_state(V2, pay.guid)).await;
    assert_eq!(code(&told), "WsaOrderNotFound");
    let elsewhere = store.registered(&create("A-1")).await;
    let told = store.carried_out(&Ask::created_state(V1, elsewhere.guid)).await;
    assert_eq!(code(&told), "WsaOrderNotFound", "another object's");
}
