//! Reading the containers of a White Server: what is an answer of a task, and what is only a refusal to tell.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::answer::{Accepted, Answered, Done, Refusal, Source};

/// What a container says.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    /// A task is accepted.
    Accepted(Accepted),
    /// A task has its answer.
    Answered(Answered),
    /// A task is not answered yet.
    InProgress(Refusal),
    /// No task has the guid.
    NotFound(Refusal),
    /// The answer of the task is no longer kept.
    Expired(Refusal),
    /// The request was refused, so this tells of no task.
    Rejected(Refusal),
    /// Nothing came to the queue that was listened to.
    Nothing,
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
    task_guid: Option<Uuid>,
    task_type: Option<String>,
    async_code: Option<String>,
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

impl Errors {
    fn refusal(self, task: Option<Uuid>, raw: &str) -> Option<Refusal> {
        let of = |part: Option<ErrorPart>, source| part.map(|part| (part, source));
        let (ErrorPart { code, desc }, source) = of(self.ws_error, Source::Server)
            .or_else(|| of(self.agent_error, Source::Agent))
            .or_else(|| of(self.rk_error, Source::CashSystem))?;
        Some(Refusal { task, code, description: desc, source, raw: raw.to_owned() })
    }
}

/// Reads a container; `None` when it is nothing that a White Server answers, or says two things at once.
pub(crate) fn read(raw: &str) -> Option<Reading> {
    let Container { response_common, error, task_response } = serde_json::from_str(raw).ok()?;
    let (guid, task_type, async_code) = match response_common {
        Some(common) => (common.task_guid, common.task_type, common.async_code),
        None => (None, None, None),
    };
    // The answer of a task names it and its type. A refusal to tell it names the question, or one of the two.
    let of_task = guid.is_some() && task_type.as_deref().is_some_and(|t| t != "GetTaskResponse");
    if let Some(errors) = error {
        // Before the response: whatever stands beside an error, it was not done.
        return Some(refused(errors.refusal(guid, raw)?, of_task));
    }
    match (task_response, guid, task_type) {
        (Some(response), Some(task), Some(task_type)) if of_task => {
            let (response, raw) = (response.to_owned(), raw.to_owned());
            Some(Reading::Answered(Answered::Done(Done { task, task_type, response, raw })))
        }
        (None, Some(task), _) => Some(Reading::Accepted(Accepted { task, raw: raw.to_owned() })),
        (None, None, None) if async_code.as_deref() == Some("NoOperations") => {
            Some(Reading::Nothing)
        }
        _ => None,
    }
}

fn refused(why: Refusal, of_task: bool) -> Reading {
    match (why.source, why.code.as_str()) {
        (Source::Server, "TaskInProgress") => Reading::InProgress(why),
        (Source::Server, "TaskNotFound") => Reading::NotFound(why),
        (Source::Server, "TaskExpired") => Reading::Expired(why),
        // Of a request, also where it names a task: that of another request with the same key, or somebody else's.
        (
            Source::Server,
            "AuthFailed" | "License" | "AccessDenied" | "IdempotencyMismatch" | "LimitExceeded",
        ) => Reading::Rejected(why),
        _ if !of_task => Reading::Rejected(why),
        (Source::Server, "Timeout") => Reading::Answered(Answered::TimedOut(why)),
        (Source::Server, "TaskCancelled") => Reading::Answered(Answered::Cancelled(why)),
        _ => Reading::Answered(Answered::Refused(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = r#""responseCommon":{"taskGuid":"00000000-0000-0000-0000-000000000001","taskType":"PayOrder","objectId":7}"#;

    fn of(rest: &str) -> Reading {
        read(&format!("{{{COMMON}{rest}}}")).unwrap()
    }

    fn error(branch: &str, code: &str) -> String {
        format!(r#","error":{{"{branch}":{{"code":"{code}","desc":"why"}}}}"#)
    }

    #[test]
    fn each_outcome_is_its_own_variant() {
        let done = of(r#","taskResponse":{"order":{"price":{"total":5,"summToPay":0.00}}}"#);
        let Reading::Answered(Answered::Done(done)) = done else { panic!("{done:?}") };
        assert_eq!(done.price().unwrap().total.to_string(), "5");
        assert_eq!(done.task_type, "PayOrder");

        let timed_out = of(&error("wsError", "Timeout"));
        assert!(matches!(timed_out, Reading::Answered(Answered::TimedOut(_))), "{timed_out:?}");
        let cancelled = of(&error("wsError", "TaskCancelled"));
        assert!(matches!(cancelled, Reading::Answered(Answered::Cancelled(_))), "{cancelled:?}");
        for (branch, source) in [
            ("wsError", Source::Server),
            ("agentError", Source::Agent),
            ("rkError", Source::CashSystem),
        ] {
            let Reading::Answered(Answered::Refused(why)) = of(&error(branch, "Whatever")) else {
                panic!("{branch}")
            };
            assert_eq!((why.code.as_str(), why.source), ("Whatever", source));
            assert_eq!(why.to_string(), "Whatever: why");
        }
        // Only the service knows of time and of cancelling.
        let agents = of(&error("agentError", "Timeout"));
        assert!(matches!(agents, Reading::Answered(Answered::Refused(_))), "{agents:?}");
    }

    #[test]
    fn a_refusal_beside_a_response_is_a_refusal() {
        let both = of(&format!(r#","taskResponse":{{}}{}"#, error("agentError", "WsaOrderClosed")));
        assert!(matches!(both, Reading::Answered(Answered::Refused(_))), "{both:?}");
    }

    #[test]
    fn a_refusal_to_tell_is_no_answer_of_a_task() {
        let without_guid = r#"{"responseCommon":{"taskType":"PayOrder","objectId":7},"error":{"wsError":{"code":"License","desc":""}}}"#;
        let bare = r#"{"error":{"wsError":{"code":"AuthFailed","desc":"why"}}}"#;
        let question = r#"{"responseCommon":{"taskGuid":"00000000-0000-0000-0000-000000000001","taskType":"GetTaskResponse"},"error":{"wsError":{"code":"Timeout"}}}"#;
        for text in [without_guid, bare, question] {
            assert!(matches!(read(text), Some(Reading::Rejected(_))), "{text}");
        }
        let told = |code| of(&error("wsError", code));
        for code in
            ["IdempotencyMismatch", "AccessDenied", "License", "AuthFailed", "LimitExceeded"]
        {
            assert!(matches!(told(code), Reading::Rejected(_)), "{code}");
        }
        assert!(matches!(told("TaskNotFound"), Reading::NotFound(_)));
        assert!(matches!(told("TaskExpired"), Reading::Expired(_)));
        assert!(matches!(told("TaskInProgress"), Reading::InProgress(_)));
    }

    #[test]
    fn an_acceptance_and_an_empty_queue_are_neither() {
        let Reading::Accepted(accepted) = of("") else { panic!() };
        assert_eq!(accepted.task, Uuid::from_u128(1));
        let nothing = r#"{"responseCommon":{"asyncCode":"NoOperations"}}"#;
        assert!(matches!(read(nothing), Some(Reading::Nothing)));
    }

    #[test]
    fn what_no_white_server_answers_is_not_read() {
        for text in [
            "",
            "<html>",
            "{}",
            "[]",
            "null",
            "true",
            r#"{"error":{}}"#,
            r#"{"error":null}"#,
            r#"{"taskResponse":{}}"#,
            r#"{"error":{"code":"BadRequest"}}"#,
            r#"{"responseCommon":{"taskType":"PayOrder"},"taskResponse":{}}"#,
            r#"{"responseCommon":{"taskGuid":"7"}}"#,
            r#"{"responseCommon":{"asyncCode":"Else"}}"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        let error = format!(r#"{{{COMMON},"error":{{}},"taskResponse":{{}}}}"#);
        assert!(read(&error).is_none());
    }
}
