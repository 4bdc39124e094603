//! Requests, as their callers write them.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use wsa::domain::task::{AggregatorId, NewTask, ObjectId, OrderGuid, TaskGuid, TaskKey};

/// What a task asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub object: ObjectId,
    pub task_type: &'static str,
    pub timeout_s: Option<i64>,
    pub not_before: Option<Timestamp>,
    params: Value,
}

impl Ask {
    fn new(object: ObjectId, task_type: &'static str, params: Value) -> Ask {
        Ask { object, task_type, timeout_s: None, not_before: None, params }
    }

    /// Pays an order with these amounts and currencies.
    pub fn pay(object: ObjectId, order: OrderGuid, lines: &[(&str, Uuid)]) -> Ask {
        let line =
            |(amount, currency): &(&str, Uuid)| json!({"amount": amount, "currency": currency});
        let payments: Vec<Value> = lines.iter().map(line).collect();
        Ask::new(object, "PayOrder", json!({"orderGuid": order, "payments": payments}))
    }

    /// Opens an order.
    pub fn create_order(object: ObjectId, order: Value) -> Ask {
        Ask::new(object, "CreateOrder", json!({ "order": order }))
    }

    /// Asks whether such an order would be opened.
    pub fn validate_order(object: ObjectId, order: Value) -> Ask {
        Ask::new(object, "ValidateOrder", json!({ "order": order }))
    }

    /// Reads an order.
    pub fn get_order(object: ObjectId, order: OrderGuid) -> Ask {
        Ask::new(object, "GetOrder", json!({ "orderGuid": order }))
    }

    /// Closes an order.
    pub fn complete_order(object: ObjectId, order: OrderGuid) -> Ask {
        Ask::new(object, "CompleteOrder", json!({ "orderGuid": order }))
    }

    /// Adds a prepayment in the object's own currency for it; `with("currencyGuid", ...)` for another.
    pub fn add_prepay(object: ObjectId, order: OrderGuid, amount: &str) -> Ask {
        Ask::new(object, "AddPrepayOrder", json!({"orderGuid": order, "amount": amount}))
    }

    /// Takes back what is prepaid.
    pub fn remove_prepay(object: ObjectId, order: OrderGuid) -> Ask {
        Ask::new(object, "RemovePrepayOrder", json!({ "orderGuid": order }))
    }

    /// Cancels an order.
    pub fn cancel_order(object: ObjectId, order: OrderGuid) -> Ask {
        Ask::new(object, "CancelOrder", json!({ "orderGuid": order }))
    }

    /// Prints the bill of an order; `"UndoBill"` undoes it.
    pub fn bill(object: ObjectId, task_type: &'static str, order: OrderGuid) -> Ask {
        Ask::new(object, task_type, json!({ "orderGuid": order }))
    }

    /// Replaces what an order consists of: the fields of `params` beside its guid.
    pub fn update_order(object: ObjectId, order: OrderGuid, mut params: Value) -> Ask {
        params["orderGuid"] = json!(order);
        Ask::new(object, "UpdateOrder", params)
    }

    /// Changes single fields of an order.
    pub fn patch_order(object: ObjectId, order: OrderGuid, fields: &Value) -> Ask {
        Ask::new(object, "PatchOrder", json!({"orderGuid": order, "fields": fields}))
    }

    /// Cancels a task that is not answered yet.
    pub fn cancel_task(object: ObjectId, task: TaskGuid) -> Ask {
        Ask::new(object, "CancelTask", json!({ "taskGuid": task }))
    }

    /// Asks where an order stands.
    pub fn order_state(object: ObjectId, order: OrderGuid) -> Ask {
        Ask::new(object, "GetOrderState", json!({ "orderGuid": order }))
    }

    /// Asks where the order of a `CreateOrder` stands.
    pub fn created_state(object: ObjectId, task: TaskGuid) -> Ask {
        Ask::new(object, "GetOrderState", json!({ "taskGuid": task }))
    }

    /// Cancels the order of a `CreateOrder`.
    pub fn cancel_created(object: ObjectId, task: TaskGuid) -> Ask {
        Ask::new(object, "CancelOrder", json!({ "taskGuid": task }))
    }

    /// Lists open orders of all tables.
    pub fn order_list(object: ObjectId) -> Ask {
        Ask::new(object, "GetOrderList", json!({}))
    }

    /// A task of a type that reads what a restaurant offers, or what serves it.
    pub fn read(object: ObjectId, task_type: &'static str) -> Ask {
        let params = match task_type {
            "IsMainSystemAvailable" => json!({"systemType": "RKMid"}),
            _ => json!({}),
        };
        Ask::new(object, task_type, params)
    }

    /// The same with a timeout of its own. Zero and less are possible here, past the protocol.
    pub fn within(self, timeout_s: i64) -> Ask {
        Ask { timeout_s: Some(timeout_s), ..self }
    }

    /// The same, not before a time.
    pub fn not_before(self, at: Timestamp) -> Ask {
        Ask { not_before: Some(at), ..self }
    }

    /// The same with one more field in `params`.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Ask {
        self.params[field] = value.into();
        self
    }

    /// The body of a request that is answered at once.
    pub fn asynchronous(&self) -> Value {
        self.body("async")
    }

    /// The body of a request that waits for the answer.
    pub fn synchronous(&self) -> Value {
        self.body("sync")
    }

    fn body(&self, target: &str) -> Value {
        let mut params = self.params.clone();
        params[target] = json!({"objectId": self.object.0});
        if let Some(timeout_s) = self.timeout_s {
            params[target]["timeout"] = timeout_s.into();
        }
        if let (Some(not_before), "async") = (self.not_before, target) {
            params[target]["notBefore"] = not_before.to_string().into();
        }
        json!({"taskType": self.task_type, "params": params})
    }

    /// The task that the API would make of it.
    pub fn task(&self, aggregator: AggregatorId) -> NewTask {
        let key = TaskKey { object: self.object, guid: TaskGuid::new() };
        let request = self.asynchronous().to_string();
        let digest = wsa::protocols::whiteserver::wire::digest(&request);
        let task = NewTask::by_licence((key, false), aggregator, self.task_type, request, digest);
        NewTask { timeout_s: self.timeout_s, not_before: self.not_before, ..task }
    }
}

/// Kopecks as an amount.
pub fn amount(kopecks: i64) -> String {
    format!("{}.{:02}", kopecks / 100, kopecks % 100)
}

/// The code of an answer's error; `"done"` when it has none.
pub fn code(answer: &Value) -> &str {
    let Some(error) = answer.get("error") else { return "done" };
    let error = error.get("agentError").or_else(|| error.get("wsError"));
    error.and_then(|error| error["code"].as_str()).unwrap_or("an error without a code")
}
