//! An answer of the service as a person reads it, and as an exit code.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::money::Money;
use crate::domain::task::TaskGuid;
use crate::protocols::whiteserver::reply::Code;
use crate::terminal::output::printable;

/// It was done: for a payment, the money was taken.
pub(super) const DONE: u8 = 0;
/// It was refused, or nothing was handed in.
pub(super) const REFUSED: u8 = 1;
/// Its time passed: it was not done and never will be by this task.
pub(super) const TIMED_OUT: u8 = 3;
/// Nobody told what became of it: to pay again might be to pay twice.
pub(super) const NOT_KNOWN: u8 = 4;

/// An answer, as it came and as it reads.
#[derive(Debug)]
pub(super) struct Answer {
    /// The container as it came.
    pub(super) raw: String,
    /// What it says.
    pub(super) reading: Reading,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// The task is accepted and will be answered.
    Accepted(TaskGuid),
    /// It is not answered yet; the sentence says by when.
    Open(String),
    /// It was done.
    Done(String),
    /// It was not done: code and reason.
    Refused(String),
    /// Its deadline passed first; the sentence says what that means.
    TimedOut(String),
    /// The question was refused, so this tells nothing of the task.
    Untold(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    response_common: Option<Common>,
    error: Option<Errors>,
    #[serde(borrow)]
    task_response: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    task_guid: Option<TaskGuid>,
    task_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Errors {
    ws_error: Option<ErrorPart>,
    agent_error: Option<ErrorPart>,
    rk_error: Option<ErrorPart>,
}

#[derive(Deserialize)]
struct ErrorPart {
    code: String,
    #[serde(default)]
    desc: String,
}

#[derive(Deserialize)]
struct TaskResponse {
    order: OrderPart,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderPart {
    order_guid: Option<String>,
    status: Option<StatusPart>,
    price: Option<PricePart>,
    #[serde(default)]
    products: Vec<ProductPart>,
}

#[derive(Deserialize)]
struct StatusPart {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PricePart {
    total: Money,
    summ_to_pay: Option<Money>,
}

#[derive(Deserialize)]
struct ProductPart {
    name: String,
    price: Money,
    quantity: serde_json::Number,
}

impl Answer {
    /// Reads a container; `None` when it is nothing that a White Server answers.
    pub(super) fn read(raw: String) -> Option<Answer> {
        let reading = read(&raw)?;
        Some(Answer { raw, reading })
    }
}

fn read(raw: &str) -> Option<Reading> {
    let container: Container<'_> = serde_json::from_str(raw).ok()?;
    let common = container.response_common.as_ref();
    // The answer of a task names its type; a refusal to tell it does not, or names the question.
    let of_task =
        common.and_then(|c| c.task_type.as_deref()).is_some_and(|t| t != "GetTaskResponse");
    if let Some(Errors { ws_error, agent_error, rk_error }) = container.error {
        let ErrorPart { code, desc } = ws_error.or(agent_error).or(rk_error)?;
        let is = |known: Code| code == known.as_str();
        let told = printable(&format!("{code}: {desc}")).into_owned();
        return Some(match of_task {
            _ if is(Code::TaskInProgress) => Reading::Open(printable(&desc).into_owned()),
            true if is(Code::Timeout) => {
                let paid = common.and_then(|c| c.task_type.as_deref()) == Some("PayOrder");
                let done = if paid { "paid" } else { "done" };
                Reading::TimedOut(format!(
                    "not {done} and never will be by this task (Timeout: {})",
                    printable(&desc)
                ))
            }
            true => Reading::Refused(told),
            false => Reading::Untold(told),
        });
    }
    match (container.task_response, common) {
        (Some(response), Some(common)) => {
            let task_type = common.task_type.as_deref().unwrap_or_default();
            Some(Reading::Done(done(task_type, response.get())))
        }
        (None, Some(Common { task_guid: Some(guid), .. })) => Some(Reading::Accepted(*guid)),
        _ => None,
    }
}

/// What was done; a response that this program does not know is shown as it came.
fn done(task_type: &str, response: &str) -> String {
    let told = serde_json::from_str::<TaskResponse>(response)
        .ok()
        .and_then(|TaskResponse { order }| summary(task_type, &order));
    let told = told.unwrap_or_else(|| format!("done: {response}"));
    told.lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn summary(task_type: &str, order: &OrderPart) -> Option<String> {
    let price = order.price.as_ref();
    let summary = match task_type {
        "PayOrder" => {
            let PricePart { total, summ_to_pay } = price?;
            match (*summ_to_pay)? {
                Money::ZERO => format!("paid in full: the order costs {total}, nothing is due"),
                due => format!("paid in part: the order costs {total}, {due} is still due"),
            }
        }
        "CreateOrder" => format!("opened: order {}", order.order_guid.as_ref()?),
        "CompleteOrder" => format!("closed: the order cost {}", price?.total),
        "GetOrder" => {
            let PricePart { total, summ_to_pay } = price?;
            let (guid, due) = (order.order_guid.as_ref()?, (*summ_to_pay)?);
            format!("order {guid}: it costs {total}, {due} is due")
        }
        _ => return None,
    };
    let status = order.status.iter().map(|status| format!("\n  status {}", status.value));
    let products = order
        .products
        .iter()
        .map(|product| format!("\n  {} x {} at {}", product.quantity, product.name, product.price));
    Some(std::iter::once(summary).chain(status).chain(products).collect())
}

impl Reading {
    /// The sentence for people.
    pub(super) fn told(&self) -> String {
        match self {
            Reading::Accepted(guid) => format!("accepted: task {guid}"),
            Reading::Open(desc) => format!("not answered yet: {desc}"),
            Reading::Done(done) => done.clone(),
            Reading::Refused(why) => format!("refused: {why}"),
            Reading::TimedOut(what) => what.clone(),
            Reading::Untold(why) => format!("the service does not tell: {why}"),
        }
    }

    /// The exit code of a command that asked what became of a task.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Reading::Done(_) => DONE,
            Reading::Refused(_) => REFUSED,
            Reading::TimedOut(_) => TIMED_OUT,
            Reading::Accepted(_) | Reading::Open(_) | Reading::Untold(_) => NOT_KNOWN,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const GUID: &str = "00000000-0000-0000-0000-000000000001";

    fn of(task_type: &str, rest: &str) -> Reading {
        let common = format!(r#""taskGuid":"{GUID}","taskType":"{task_type}","objectId":7"#);
        read(&format!(r#"{{"responseCommon":{{{common}}}{rest}}}"#)).unwrap()
    }

    #[test]
    fn a_person_reads_what_was_done() {
        let price = r#""price":{"total":999999999999.99,"summToPay":0.00}"#;
        let in_part = r#""price":{"total":449.35,"summToPay":0.1}"#;
        let guid = r#""orderGuid":"g""#;
        let products = r#""status":{"value":"Complited"},
            "products":[{"name":"Pie","price":"120.50","quantity":1.5}]"#;
        for (task_type, order, told) in [
            ("PayOrder", price, "paid in full: the order costs 999999999999.99, nothing is due"),
            ("PayOrder", in_part, "paid in part: the order costs 449.35, 0.10 is still due"),
            ("CreateOrder", guid, "opened: order g"),
            ("CompleteOrder", r#""price":{"total":5}"#, "closed: the order cost 5.00"),
            ("GetOrder", &format!("{guid},{in_part}"), "order g: it costs 449.35, 0.10 is due"),
            (
                "PayOrder",
                &format!("{price},{products}"),
                "paid in full: the order costs 999999999999.99, nothing is due\n  \
                 status Complited\n  1.5 x Pie at 120.50",
            ),
            ("PayOrder", r#""else":1"#, "done: {\"order\":{\"else\":1}}"),
        ] {
            let reading = of(task_type, &format!(r#","taskResponse":{{"order":{{{order}}}}}"#));
            assert_eq!(reading.told(), told);
            assert_eq!(reading.exit_code(), DONE);
        }
        let reading = of("CancelOrder", r#","taskResponse":{"status":"Ok"}"#);
        assert_eq!(reading.told(), "done: {\"status\":\"Ok\"}");
    }

    #[test]
    fn a_refusal_of_the_task_is_not_a_refusal_to_tell() {
        let error = |branch: &str, code: &str| {
            format!(r#","error":{{"{branch}":{{"code":"{code}","desc":"why"}}}}"#)
        };
        let refused = of("PayOrder", &error("agentError", "WsaOrderClosed"));
        assert_eq!(refused.told(), "refused: WsaOrderClosed: why");
        assert_eq!(refused.exit_code(), REFUSED);
        let failed = of("PayOrder", &error("wsError", "InternalError"));
        assert_eq!(failed.exit_code(), REFUSED);

        let timed_out = of("PayOrder", &error("wsError", "Timeout"));
        assert_eq!(timed_out.told(), "not paid and never will be by this task (Timeout: why)");
        assert_eq!(timed_out.exit_code(), TIMED_OUT);

        for untold in [
            r#"{"error":{"wsError":{"code":"AuthFailed","desc":"why"}}}"#.to_owned(),
            format!(
                r#"{{"responseCommon":{{"taskGuid":"{GUID}"}},"error":{{"wsError":{{"code":"TaskNotFound"}}}}}}"#
            ),
        ] {
            let reading = read(&untold).unwrap();
            assert!(matches!(reading, Reading::Untold(_)), "{reading:?}");
            assert_eq!(reading.exit_code(), NOT_KNOWN);
        }
    }

    #[test]
    fn an_open_task_is_known_and_has_no_outcome() {
        assert_eq!(of("PayOrder", ""), Reading::Accepted(TaskGuid(Uuid::from_u128(1))));
        let open = r#"{"error":{"wsError":{"code":"TaskInProgress","desc":"by 12:00"}}}"#;
        assert_eq!(read(open), Some(Reading::Open("by 12:00".into())));
        assert_eq!(read(open).unwrap().exit_code(), NOT_KNOWN);
    }

    #[test]
    fn what_no_white_server_answers_is_not_read() {
        for text in ["", "<html>", "{}", "[]", "null", r#"{"error":{}}"#, r#"{"taskResponse":{}}"#]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
