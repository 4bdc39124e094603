//! Tasks: what a restaurant is asked to do.

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::amount::Amount;

/// A task of any type.
///
/// Its bytes depend on what it was given and the order in which it was given, and on nothing else: a repetition under the
/// same key must have the same bytes.
///
/// ```
/// use wsa_client::Task;
/// use serde_json::json;
///
/// let task = Task::new("CreateOrder", 199_990_246)
///     .timeout_s(30)
///     .with("order", json!({"price": {"total": "449.35"}, "comment": "no onions"}));
/// assert_eq!(task.task_type(), "CreateOrder");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    task_type: String,
    object_id: i64,
    timeout_s: Option<u32>,
    not_before: Option<String>,
    params: Vec<(String, Value)>,
    keyed: bool,
}

/// One payment of an order, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    amount: Amount,
    currency: Uuid,
    card_code: Option<String>,
}

impl Payment {
    /// So much in this currency of the restaurant.
    pub fn new(amount: Amount, currency: Uuid) -> Payment {
        Payment { amount, currency, card_code: None }
    }

    /// The same with the code of a card (`cardCode`).
    pub fn card_code(self, code: impl Into<String>) -> Payment {
        Payment { card_code: Some(code.into()), ..self }
    }

    fn json(&self) -> Value {
        // In the order of the alphabet: so they are the same bytes whether maps of this build keep an order or not.
        let mut fields = serde_json::Map::new();
        fields.insert("amount".into(), self.amount.to_string().into());
        if let Some(code) = &self.card_code {
            fields.insert("cardCode".into(), code.as_str().into());
        }
        fields.insert("currency".into(), self.currency.to_string().into());
        Value::Object(fields)
    }
}

impl Task {
    /// A task of this type (`taskType`) for this restaurant (`objectId`).
    pub fn new(task_type: impl Into<String>, object_id: i64) -> Task {
        Task {
            task_type: task_type.into(),
            object_id,
            timeout_s: None,
            not_before: None,
            params: Vec::new(),
            keyed: true,
        }
    }

    /// `PayOrder`: pays an order. On v1 at most what is due, on v2 exactly what is due.
    pub fn pay_order(
        object_id: i64,
        order: Uuid,
        payments: impl IntoIterator<Item = Payment>,
    ) -> Task {
        let payments = payments.into_iter().map(|payment| payment.json()).collect::<Vec<_>>();
        Task::of_order("PayOrder", object_id, order).with("payments", payments)
    }

    /// `AddPrepayOrder`: prepays a part of an order, or all of it, in the restaurant's currency for prepayments.
    pub fn add_prepay_order(object_id: i64, order: Uuid, amount: Amount) -> Task {
        Task::of_order("AddPrepayOrder", object_id, order).with("amount", amount.to_string())
    }

    /// `RemovePrepayOrder`: takes back everything that is paid of an open order.
    pub fn remove_prepay_order(object_id: i64, order: Uuid) -> Task {
        Task::of_order("RemovePrepayOrder", object_id, order)
    }

    /// `CompleteOrder`: closes an order that is paid in full.
    pub fn complete_order(object_id: i64, order: Uuid) -> Task {
        Task::of_order("CompleteOrder", object_id, order)
    }

    /// `CancelOrder`: cancels an open order.
    pub fn cancel_order(object_id: i64, order: Uuid) -> Task {
        Task::of_order("CancelOrder", object_id, order)
    }

    /// `GetOrder`: the whole order.
    pub fn get_order(object_id: i64, order: Uuid) -> Task {
        Task::of_order("GetOrder", object_id, order)
    }

    /// `CancelTask`: cancels another task of yours that is not answered yet.
    pub fn cancel_task(object_id: i64, task: Uuid) -> Task {
        Task::new("CancelTask", object_id).with("taskGuid", task.to_string())
    }

    fn of_order(task_type: &str, object_id: i64, order: Uuid) -> Task {
        Task::new(task_type, object_id).with("orderGuid", order.to_string())
    }

    /// The same with a parameter (`params.NAME`). Write an amount as its digits in a string, or as an [`Amount`]: a JSON
    /// number in a program is a binary float.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Task {
        self.params.push((name.into(), value.into()));
        self
    }

    /// The same with a deadline: so many seconds after it was accepted, 1 to 3600. Otherwise the restaurant's own counts.
    pub fn timeout_s(self, seconds: u32) -> Task {
        Task { timeout_s: Some(seconds), ..self }
    }

    /// The same not before a moment (RFC 3339 with an offset). It can be submitted and not performed: nobody waits so long.
    pub fn not_before(self, moment: impl Into<String>) -> Task {
        Task { not_before: Some(moment.into()), ..self }
    }

    /// The same without an `Idempotency-Key`, for a service that does not know it and for a `CreateOrder` with a
    /// `withRkId`. It is sent once, so after a lost connection its outcome is not known.
    pub fn unkeyed(self) -> Task {
        Task { keyed: false, ..self }
    }

    /// What it is (`taskType`).
    pub fn task_type(&self) -> &str {
        &self.task_type
    }

    pub(crate) fn is_keyed(&self) -> bool {
        self.keyed
    }

    /// The longest that its answer may take, in seconds.
    pub(crate) fn longest_s(&self) -> u64 {
        const LONGEST_S: u32 = 3600;
        u64::from(self.timeout_s.unwrap_or(LONGEST_S))
    }

    /// The body of the request.
    pub(crate) fn body(&self, mode: Mode) -> Result<String, serde_json::Error> {
        let params = Params { task: self, mode };
        serde_json::to_string(&Request { task_type: &self.task_type, params })
    }
}

/// How the answer is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// In the answer to the request.
    Sync,
    /// On its own.
    Async,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    task_type: &'a str,
    params: Params<'a>,
}

struct Params<'a> {
    task: &'a Task,
    mode: Mode,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    object_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<&'a str>,
}

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Task { object_id, timeout_s, not_before, params, .. } = self.task;
        let target = Target {
            object_id: *object_id,
            timeout: *timeout_s,
            not_before: not_before.as_deref(),
        };
        let mode = match self.mode {
            Mode::Sync => "sync",
            Mode::Async => "async",
        };
        let mut map = serializer.serialize_map(Some(1 + params.len()))?;
        map.serialize_entry(mode, &target)?;
        for (name, value) in params {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_written_as_it_was_given() {
        let guid = Uuid::from_u128(1);
        let amount = |text: &str| text.parse().unwrap();
        let payments = [
            Payment::new(amount("449.35"), guid),
            Payment::new(amount("9007199254.01"), guid).card_code("7"),
        ];
        let task = Task::pay_order(7, guid, payments).timeout_s(5);
        let expected = r#"{"taskType":"PayOrder","params":{"async":{"objectId":7,"timeout":5},"orderGuid":"G","payments":[{"amount":"449.35","currency":"G"},{"amount":"9007199254.01","cardCode":"7","currency":"G"}]}}"#;
        let expected = expected.replace("\"G\"", &format!("\"{guid}\""));
        assert_eq!(task.body(Mode::Async).unwrap(), expected);
    }

    #[test]
    fn a_task_of_any_type_has_its_parameters_in_their_order() {
        let task = Task::new("X", 1).with("b", 2).with("a", "t").not_before("2026-11-22T18:00:00Z");
        let expected = r#"{"taskType":"X","params":{"sync":{"objectId":1,"notBefore":"2026-11-22T18:00:00Z"},"b":2,"a":"t"}}"#;
        assert_eq!(task.body(Mode::Sync).unwrap(), expected);
    }

    #[test]
    fn each_helper_names_its_order() {
        let guid = Uuid::from_u128(1);
        for task in [
            Task::add_prepay_order(1, guid, "1".parse().unwrap()),
            Task::remove_prepay_order(1, guid),
            Task::complete_order(1, guid),
            Task::cancel_order(1, guid),
            Task::get_order(1, guid),
        ] {
            let body = task.body(Mode::Async).unwrap();
            assert!(body.contains(&format!(r#""orderGuid":"{guid}""#)), "{body}");
        }
    }
}
