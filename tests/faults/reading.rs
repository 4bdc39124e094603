//! Reads what the service says, past its own code and without floats.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A reply, by what its client learns from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The task's answer.
    Answer(Uuid),
    /// The task is accepted (or known and not answered yet).
    Accepted(Uuid),
    /// No such task.
    Unknown,
    /// Come again later; nothing can be concluded.
    Again,
    /// Something that no client of this run should ever hear.
    Odd,
}

/// An answer: the code of its refusal, or `done`; and the order's total and what is due of it, in kopecks,
/// where it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: String,
    pub price: Option<(i64, i64)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(default)]
    response_common: Common,
    #[serde(borrow)]
    task_response: Option<&'a RawValue>,
    error: Option<Container>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Common {
    task_guid: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    ws_error: Option<Fault>,
    agent_error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    order: Option<Order<'a>>,
}

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    price: Option<Price<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price<'a> {
    #[serde(borrow)]
    total: &'a RawValue,
    #[serde(borrow)]
    summ_to_pay: &'a RawValue,
}

impl Container {
    fn code(self) -> Option<String> {
        self.agent_error.or(self.ws_error).map(|fault| fault.code)
    }
}

/// What a reply says; `status` is 200 where there is none.
pub fn said(status: u16, text: &str) -> Said {
    let Ok(envelope) = serde_json::from_str::<Envelope>(text) else {
        return if status >= 500 { Said::Again } else { Said::Odd };
    };
    let code = envelope.error.map(|error| error.code().unwrap_or_default());
    match (status, code.as_deref(), envelope.response_common.task_guid) {
        (503 | 429, Some(_), _) | (_, Some("LimitExceeded"), _) => Said::Again,
        (200, Some("TaskInProgress"), Some(guid)) => Said::Accepted(guid),
        (200, Some("TaskNotFound"), _) => Said::Unknown,
        (200, Some("BadRequest" | "AuthFailed" | "License" | "AccessDenied"), _) => Said::Odd,
        (200, Some("IdempotencyMismatch"), _) => Said::Odd,
        (200, Some(_), Some(guid)) => Said::Answer(guid),
        (200, None, Some(guid)) if envelope.task_response.is_some() => Said::Answer(guid),
        (200, None, Some(guid)) => Said::Accepted(guid),
        _ => Said::Odd,
    }
}

/// What an answer tells.
pub fn answer(text: &str) -> Option<Answer> {
    let envelope: Envelope = serde_json::from_str(text).ok()?;
    if let Some(error) = envelope.error {
        return Some(Answer { code: error.code()?, price: None });
    }
    let response: Response = serde_json::from_str(envelope.task_response?.get()).ok()?;
    let price = match response.order.and_then(|order| order.price) {
        Some(price) => Some((kopecks(price.total.get())?, kopecks(price.summ_to_pay.get())?)),
        None => None,
    };
    Some(Answer { code: "done".into(), price })
}

/// An amount as it is written, with up to two decimals.
fn kopecks(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = match decimals.len() {
        0..=2 => format!("{decimals:0<2}"),
        _ => return None,
    };
    let digits = format!("{whole}{decimals}");
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "019abc5c-1111-7000-8000-000000000001";

    fn reply(rest: &str) -> String {
        format!(r#"{{"responseCommon":{{"taskGuid":"{GUID}"}}{rest}}}"#)
    }

    #[test]
    fn replies_are_told_apart() {
        let guid: Uuid = GUID.parse().unwrap();
        let error = |code: &str| reply(&format!(r#","error":{{"wsError":{{"code":"{code}"}}}}"#));
        assert_eq!(said(200, &reply("")), Said::Accepted(guid));
        assert_eq!(said(200, &reply(r#","taskResponse":{}"#)), Said::Answer(guid));
        assert_eq!(said(200, &error("Timeout")), Said::Answer(guid));
        assert_eq!(said(200, &error("InternalError")), Said::Answer(guid));
        assert_eq!(said(503, &error("InternalError")), Said::Again);
        assert_eq!(said(200, &error("TaskInProgress")), Said::Accepted(guid));
        assert_eq!(said(200, &error("TaskNotFound")), Said::Unknown);
        assert_eq!(said(200, &error("BadRequest")), Said::Odd);
        assert_eq!(said(200, "no JSON"), Said::Odd);
    }

    #[test]
    fn amounts_are_read_to_the_kopeck() {
        let paid = r#","taskResponse":{"order":{"price":{"total":449.35,"summToPay":0.10}}}"#;
        let done = Answer { code: "done".into(), price: Some((44935, 10)) };
        assert_eq!(answer(&reply(paid)), Some(done));
        for (text, read) in [("7", Some(700)), ("7.5", Some(750)), ("7.555", None), ("-1", None)] {
            assert_eq!(kopecks(text), read, "{text}");
        }
    }
}
