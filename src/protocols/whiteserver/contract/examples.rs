//! An example of every request, with restaurants and an order of `wsa up --demo`, so that it can be tried;
//! the tests send each and check what comes back.

use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use super::{answers, reads};
use crate::domain::outbox::EventType;
use crate::domain::task::{ObjectId, OrderGuid, TaskGuid};

/// The v1 restaurant of the examples.
pub const V1: ObjectId = ObjectId(199_990_245);
/// The v2 restaurant of the examples.
pub const V2: ObjectId = ObjectId(199_990_246);
/// An open order, there in both restaurants.
pub const ORDER: OrderGuid = OrderGuid(uuid!("01a201f0-bfcf-74b6-b2fe-000000000001"));
/// What it costs, in kopecks.
pub const TOTAL_KOPECKS: i64 = 51_885;
/// The currency it is paid with.
pub const CASH: Uuid = uuid!("00000000-0000-4000-8000-00000000ca54");
/// A task whose answer is asked for.
pub const TASK: TaskGuid = TaskGuid(uuid!("01a201f0-bfcf-74b6-b2fe-92320bfb07ed"));

/// A request to `Create`.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its name within the documents.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// Its `taskType`.
    pub task_type: &'static str,
    /// The body.
    pub request: Value,
}

/// What a task is for.
pub fn purpose(task_type: &str) -> &'static str {
    match task_type {
        "PayOrder" => "Pays an order with one or more currencies, all or nothing.",
        "AddPrepayOrder" => "Adds one prepayment to an open order, never above what is due.",
        "RemovePrepayOrder" => "Takes back everything that is paid of an open order.",
        "CompleteOrder" => "Closes an order that is fully prepaid.",
        "CancelOrder" => "Cancels an open order.",
        "PrintBill" => "Prints the bill of an open order: nothing on it changes from then on.",
        "UndoBill" => "Makes it as if the bill of an order had not been printed.",
        "UpdateOrder" => "Replaces what an open order consists of, and what it costs.",
        "PatchOrder" => "Changes single fields of an open order; each is answered by itself.",
        "CreateOrder" => "Opens an order; it has the guid of this task.",
        "GetOrder" => "Reads an order whole.",
        "GetOrderState" => "Reads where an order stands, also before it is created.",
        "GetOrderList" => "Lists orders, the newest first.",
        "GetTaskResponse" => "Asks for the answer of a task, waiting for it if asked to.",
        other => reads::purpose(other),
    }
}

/// All of them.
pub fn requests() -> Vec<Example> {
    let example = |name, summary, task_type, params: Value| {
        let request = json!({"taskType": task_type, "params": params});
        Example { name, summary, task_type, request }
    };
    let sync = |object: ObjectId| json!({ "objectId": object });
    let order = |object| json!({"sync": sync(object), "orderGuid": ORDER});
    let mut examples = vec![
        example(
            "pay",
            "Pay an order and wait for the answer",
            "PayOrder",
            json!({
                "sync": sync(V2),
                "orderGuid": ORDER,
                "payments": [{"amount": 518.85, "currency": CASH}],
            }),
        ),
        example(
            "payLater",
            "Pay an order and ask for the answer later",
            "PayOrder",
            json!({
                "async": {"objectId": V1, "timeout": 60},
                "orderGuid": ORDER,
                "payments": [
                    {"amount": "100.00", "currency": CASH},
                    {"amount": "18.85", "currency": CASH, "cardCode": "2000001"},
                ],
                "isFullOrderRequired": true,
            }),
        ),
        example(
            "prepay",
            "Prepay a part",
            "AddPrepayOrder",
            json!({
                "sync": sync(V1),
                "orderGuid": ORDER,
                "amount": 18.85,
                "currencyGuid": CASH,
                "promised": false,
            }),
        ),
        example(
            "payAtNoon",
            "Pay an order, not before a time",
            "PayOrder",
            json!({
                "async": {"objectId": V1, "timeout": 60, "notBefore": "2026-11-22T12:00:00+03:00"},
                "orderGuid": ORDER,
                "payments": [{"amount": "100.00", "currency": CASH}],
            }),
        ),
        example(
            "cancelTask",
            "Cancel a task that is not answered yet",
            "CancelTask",
            json!({"sync": sync(V1), "taskGuid": TASK}),
        ),
        example("removePrepay", "Take prepayments back", "RemovePrepayOrder", order(V1)),
        example("complete", "Close a prepaid order", "CompleteOrder", order(V1)),
        example(
            "cancel",
            "Cancel an order",
            "CancelOrder",
            json!({
                "async": {"objectId": V1},
                "orderGuid": ORDER,
            }),
        ),
        example("printBill", "Print a bill", "PrintBill", order(V2)),
        example("undoBill", "Undo a bill", "UndoBill", order(V2)),
        example("update", "Change what was ordered", "UpdateOrder", update()),
        example("patch", "Change single fields of an order", "PatchOrder", patch()),
        example(
            "create",
            "Open an order",
            "CreateOrder",
            json!({
                "sync": sync(V2),
                "order": new_order(),
            }),
        ),
        example("get", "Read an order", "GetOrder", order(V2)),
        example("state", "Where an order stands", "GetOrderState", order(V1)),
        example(
            "stateByTask",
            "Where the order of a CreateOrder stands",
            "GetOrderState",
            json!({
                "sync": sync(V1),
                "taskGuid": ORDER,
            }),
        ),
        example(
            "list",
            "The orders of a table",
            "GetOrderList",
            json!({
                "sync": sync(V1),
                "tableCode": 12,
                "withClosed": true,
            }),
        ),
        example(
            "ask",
            "Ask for an answer",
            "GetTaskResponse",
            json!({"taskGuid": TASK, "wait": 20}),
        ),
    ];
    examples.extend(reads::requests());
    examples
}

/// `params` of the `UpdateOrder`.
fn update() -> Value {
    json!({
        "sync": {"objectId": V2},
        "orderGuid": ORDER,
        "products": [
            {"id": "2", "name": "Pelmeni", "price": "410.00", "quantity": 1},
            {"id": 3, "name": "Kvass", "price": "59.42", "quantity": 2},
        ],
        "delivery": {"address": {"fullAddress": "Nevsky 2", "comment": "the second yard"}},
    })
}

/// `params` of the `PatchOrder`.
pub(super) fn patch() -> Value {
    json!({
        "sync": {"objectId": V2},
        "orderGuid": ORDER,
        "fields": [
            {"name": "Comment", "value": "no onions, please"},
            {"name": "ChangeBackFrom", "value": 1000},
            {"name": "Delivery.Courier.Phone", "value": null},
        ],
    })
}

/// `params.order` of the `CreateOrder`.
pub(super) fn new_order() -> Value {
    json!({
        "originalOrderId": "A-1",
        "price": {"total": 518.85},
        "products": [
            {"id": "2", "name": "Pelmeni", "price": "410.00", "quantity": 1, "ingredients": [
                {"id": "9", "name": "Sour cream", "quantity": 1},
            ]},
            {"id": 3, "name": "Kvass", "price": 108.85, "quantity": "1"},
        ],
        "customer": {"name": "Anna", "phone": "+7 900 000-00-00"},
        "comment": "no onions",
        "personsQuantity": 2,
        "expeditionType": "delivery",
        "delivery": {
            "expectedTime": "2026-11-22T12:30:00",
            "address": {"fullAddress": "Nevsky 1"},
        },
        "tableCode": 12,
    })
}

/// The body of `ListenQueue`.
pub fn listen() -> Value {
    json!({"queueType": "AllQueues"})
}

/// The examples of a schema, by its name.
pub(super) fn of_schemas() -> Map<String, Value> {
    let mut examples = Map::new();
    let mut add = |name: String, example: Value| {
        let list = examples.entry(name).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(example);
        }
    };
    for example in requests() {
        add(format!("{}Request", example.task_type), example.request);
    }
    add("ListenQueueRequest".into(), listen());
    for (task_type, answer) in answers::done() {
        add(format!("{task_type}Done"), answer);
    }
    add("Accepted".into(), answers::accepted());
    add("Refusal".into(), answers::refused());
    add("NoOperations".into(), answers::nothing());
    for event_type in EventType::ALL {
        add("Event".into(), answers::event(*event_type));
        add("EventCallback".into(), answers::event_callback(*event_type));
    }
    examples
}
