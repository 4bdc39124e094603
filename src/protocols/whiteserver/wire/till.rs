//! The till door: JSON of our own, over plain HTTP. Orders have the fields of `CreateOrder`, and what a till adds.

pub mod request;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::domain::task::{ClaimedTask, CurrencyGuid, OrderGuid, TaskGuid};
use crate::domain::time_zone::TimeZone;
use crate::engine::protocol::stored;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::model::till::{TillEvent, TillOrder};
use crate::protocols::whiteserver::model::{Payment, Taken};
use crate::protocols::whiteserver::reply::{About, Answer, Code, Reason, Refusal, Reply};

/// Opens an order.
pub const OPEN: &str = "TillOpenOrder";
/// The tasks of tills, as they are stored.
pub const TASK_TYPES: [&str; 10] = [
    OPEN,
    "TillChangeOrder",
    "TillPrintBill",
    "TillUndoBill",
    "TillCloseOrder",
    "TillCancelOrder",
    "TillVoidDishes",
    "TillPayOrder",
    "TillAcceptOrder",
    "TillRejectOrder",
];

/// The status of a refusal.
pub fn status(code: Code) -> u16 {
    match code {
        Code::BadRequest | Code::EventUnknown => 400,
        Code::AuthFailed => 401,
        Code::WsaOrderNotFound | Code::NotFound => 404,
        Code::MethodNotAllowed => 405,
        Code::VersionMismatch => 412,
        Code::LineUnknown
        | Code::WsaCurrencyUnknown
        | Code::CurrencyNotSpecified
        | Code::WsaFullDiscountKopeck
        | Code::IdempotencyMismatch => 422,
        Code::VersionRequired => 428,
        Code::LimitExceeded => 429,
        Code::InternalError => 500,
        Code::Timeout => 504,
        _ => 409,
    }
}

#[derive(Serialize)]
struct One<'a> {
    order: WireOrder<'a>,
}

#[derive(Serialize)]
struct Orders<'a> {
    orders: Vec<WireOrder<'a>>,
    #[serde(rename = "nextCursor")]
    next_cursor: Option<&'a str>,
}

#[derive(Serialize)]
struct Error<'a> {
    error: WireError<'a>,
}

#[derive(Serialize)]
struct WireError<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireOrder<'a> {
    order_guid: OrderGuid,
    version: i64,
    status: &'static str,
    is_bill_printed: bool,
    created_at: String,
    closed_at: Option<String>,
    waiter_id: Option<i64>,
    substate: Option<&'a str>,
    accept_by: Option<String>,
    rejecting_reason: Option<WireReason<'a>>,
    total: Money,
    paid: Money,
    due: Money,
    #[serde(flatten)]
    content: OrderContent,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<Vec<WirePayment>>,
}

#[derive(Serialize)]
struct WireReason<'a> {
    code: &'a str,
    message: &'a str,
}

/// A payment of an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WirePayment {
    /// The task that took it.
    pub task_guid: TaskGuid,
    /// Its place in that task.
    pub line: i64,
    /// What it was paid with.
    pub currency: CurrencyGuid,
    /// How much.
    pub amount: Money,
    /// What a discount left over.
    pub written_off: Money,
    /// Whether it was taken back.
    pub removed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent<'a> {
    #[serde(rename = "type")]
    happened: &'static str,
    by: &'static str,
    task_guid: Option<TaskGuid>,
    occurred_at: String,
    payments: Vec<WirePayment>,
    order: WireOrder<'a>,
}

impl From<&Payment> for WirePayment {
    fn from(of: &Payment) -> WirePayment {
        WirePayment {
            task_guid: of.task,
            line: of.line,
            currency: of.currency,
            amount: of.amount,
            written_off: of.written_off,
            removed: of.removed_by.is_some(),
        }
    }
}

impl From<Taken> for WirePayment {
    fn from(of: Taken) -> WirePayment {
        WirePayment {
            task_guid: of.task,
            line: of.line,
            currency: of.currency,
            amount: of.amount,
            written_off: of.written_off,
            removed: of.removed,
        }
    }
}

fn time(zone: &TimeZone, moment: Timestamp) -> String {
    zone.at(moment).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

fn shown(seen: &TillOrder, payments: Option<Vec<WirePayment>>) -> WireOrder<'_> {
    let TillOrder { key, order, version, zone } = seen;
    let reason = order.till.rejected.as_ref();
    WireOrder {
        order_guid: key.guid,
        version: *version,
        status: order.status.as_str(),
        is_bill_printed: order.bill_printed,
        created_at: time(zone, order.created_at),
        closed_at: order.closed_at.map(|moment| time(zone, moment)),
        waiter_id: order.till.waiter,
        substate: order.till.substate.as_deref(),
        accept_by: order.till.accept_by.map(|moment| time(zone, moment)),
        rejecting_reason: reason.map(|Reason { code, message }| WireReason { code, message }),
        total: order.total,
        paid: order.paid,
        due: order.due(),
        content: order.content.clone().unwrap_or_default().in_zone(zone),
        payments,
    }
}

/// An order with its payments.
pub fn order(seen: &TillOrder, payments: Vec<WirePayment>) -> String {
    json(&One { order: shown(seen, Some(payments)) })
}

/// Orders, and where the list goes on.
pub fn orders(seen: &[TillOrder], next_cursor: Option<&str>) -> String {
    json(&Orders { orders: seen.iter().map(|seen| shown(seen, None)).collect(), next_cursor })
}

/// What a till is told of a change at this moment.
pub fn event(event: &TillEvent, now: Timestamp) -> String {
    json(&WireEvent {
        happened: event.happened,
        by: event.acting.by.as_str(),
        task_guid: event.acting.task,
        occurred_at: time(&event.seen.zone, now),
        payments: event.payments.iter().map(WirePayment::from).collect(),
        order: shown(&event.seen, None),
    })
}

/// Events, each with its number; they were written before.
pub fn events(events: &[(i64, String)], cursor: i64) -> String {
    let events: Vec<String> = events
        .iter()
        .map(|(number, body)| format!("{{\"cursor\":{number},\"event\":{body}}}"))
        .collect();
    format!("{{\"events\":[{}],\"cursor\":{cursor}}}", events.join(","))
}

/// A refusal.
pub fn error(refusal: &Refusal) -> String {
    let Refusal { code, desc, about } = refusal;
    let (field, version) = match about.as_deref() {
        None => (None, None),
        Some(About::Field(field)) => (Some(*field), None),
        Some(About::Version(version)) => (None, Some(*version)),
    };
    let (code, message) = (code.as_str(), desc.as_str());
    json(&Error { error: WireError { code, field, message, version } })
}

/// The code and the sentence of a body that is an error; `None` when it is none.
pub(super) fn read_error(body: &str) -> Option<Reason> {
    #[derive(Deserialize)]
    struct Body {
        error: Reason,
    }
    #[derive(Deserialize)]
    struct Reason {
        code: String,
        message: String,
    }
    let Body { error } = serde_json::from_str(body).ok()?;
    Some(self::Reason { code: error.code, message: error.message })
}

/// The answer of a till's task.
pub fn write(task: &ClaimedTask, answer: &Answer) -> String {
    match answer {
        Ok(Reply::AtTill(seen)) => {
            let status = if task.task_type == OPEN { 201 } else { 200 };
            stored::write(status, &json(&One { order: shown(seen, None) }))
        }
        Ok(_) => stored::write(200, "{}"),
        Err(refusal) => stored::write(status(refusal.code), &error(refusal)),
    }
}

fn json(form: &impl Serialize) -> String {
    serde_json::to_string(form).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        r#"{"error":{"code":"InternalError","message":"the answer could not be written"}}"#.into()
    })
}
