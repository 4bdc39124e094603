//! An answer of the service as a person reads it, and as an exit code.

use serde::Deserialize;
use wsa_client::{Answered, Done, Refusal};

use crate::domain::money::Money;
use crate::terminal::output::printable;

/// It was done: for a payment, the money was taken.
pub(super) const DONE: u8 = 0;
/// It was refused, or nothing was handed in.
pub(super) const REFUSED: u8 = 1;
/// Its time passed: it was not done and never will be by this task.
pub(super) const TIMED_OUT: u8 = 3;
/// Nobody told what became of it: to pay again might be to pay twice.
pub(super) const NOT_KNOWN: u8 = 4;

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

/// The outcome of a task as a sentence.
pub(super) fn told(answered: &Answered) -> String {
    match answered {
        Answered::Done(done) => of_done(done),
        Answered::Refused(why) => format!("refused: {}", reason(why)),
        Answered::TimedOut(why) => not_done("Timeout", why),
        Answered::Cancelled(why) => not_done("TaskCancelled", why),
    }
}

/// The exit code of a command that asked what became of a task.
pub(super) fn exit_code(answered: &Answered) -> u8 {
    match answered {
        Answered::Done(_) => DONE,
        Answered::Refused(_) | Answered::Cancelled(_) => REFUSED,
        Answered::TimedOut(_) => TIMED_OUT,
    }
}

/// A refusal as it may stand on a terminal.
pub(super) fn reason(why: &Refusal) -> String {
    printable(&why.to_string()).into_owned()
}

fn not_done(code: &str, why: &Refusal) -> String {
    let done = if why.raw().contains(r#""taskType":"PayOrder""#) { "paid" } else { "done" };
    let desc = printable(&why.description);
    format!("not {done} and never will be by this task ({code}: {desc})")
}

/// What was done; a response that this program does not know is shown as it came.
fn of_done(done: &Done) -> String {
    let read = done.read::<TaskResponse>().ok();
    let told = read.and_then(|TaskResponse { order }| summary(&done.task_type, &order));
    let told = told.unwrap_or_else(|| format!("done: {}", done.response()));
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

#[cfg(test)]
mod tests {
    use wsa_client::Notification;

    use super::*;

    const GUID: &str = "00000000-0000-0000-0000-000000000001";

    fn of(task_type: &str, rest: &str) -> Answered {
        let common = format!(r#""taskGuid":"{GUID}","taskType":"{task_type}","objectId":7"#);
        let text = format!(r#"{{"responseCommon":{{{common}}}{rest}}}"#);
        match Notification::of_queue(&text) {
            Some(Notification::Answer(answered)) => answered,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_person_reads_what_was_done() {
        let price = r#""price":{"total":999999999999.99,"summToPay":0.00}"#;
        let in_part = r#""price":{"total":449.35,"summToPay":0.1}"#;
        let guid = r#""orderGuid":"g""#;
        let products = r#""status":{"value":"Complited"},
            "products":[{"name":"Pie","price":"120.50","quantity":1.5}]"#;
        for (task_type, order, expected) in [
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
            let answered = of(task_type, &format!(r#","taskResponse":{{"order":{{{order}}}}}"#));
            assert_eq!(told(&answered), expected);
            assert_eq!(exit_code(&answered), DONE);
        }
        let cancelled = of("CancelOrder", r#","taskResponse":{"status":"Ok"}"#);
        assert_eq!(told(&cancelled), "done: {\"status\":\"Ok\"}");
    }

    #[test]
    fn what_was_not_done_has_its_own_words_and_codes() {
        let error = |branch: &str, code: &str| {
            format!(r#","error":{{"{branch}":{{"code":"{code}","desc":"why"}}}}"#)
        };
        for (task_type, branch, code, expected, exit) in [
            ("PayOrder", "agentError", "WsaOrderClosed", "refused: WsaOrderClosed: why", REFUSED),
            ("PayOrder", "wsError", "InternalError", "refused: InternalError: why", REFUSED),
            (
                "PayOrder",
                "wsError",
                "Timeout",
                "not paid and never will be by this task (Timeout: why)",
                TIMED_OUT,
            ),
            (
                "GetOrder",
                "wsError",
                "TaskCancelled",
                "not done and never will be by this task (TaskCancelled: why)",
                REFUSED,
            ),
        ] {
            let answered = of(task_type, &error(branch, code));
            assert_eq!(told(&answered), expected);
            assert_eq!(exit_code(&answered), exit, "{code}");
        }
    }
}
