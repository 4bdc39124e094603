//! Reading a White Server request: its form, its target, its command.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::command::{command, parse};
use super::params::{Question, Scheduled, Target, Targets};
use super::{reading, till, vendor};
use crate::domain::json;
use crate::domain::money::shown;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::protocols::whiteserver::command::Command;
use crate::protocols::whiteserver::reply::{Code, Refusal};

/// The task types that aggregators may send, as named on the wire.
pub const TASK_TYPES: [&str; 27] = [
    "PayOrder",
    "AddPrepayOrder",
    "RemovePrepayOrder",
    "CompleteOrder",
    "CancelOrder",
    PRINT_BILL,
    UNDO_BILL,
    UPDATE_ORDER,
    PATCH_ORDER,
    CREATE_ORDER,
    GET_ORDER,
    GET_ORDER_STATE,
    GET_ORDER_LIST,
    VALIDATE_ORDER,
    CANCEL_TASK,
    reading::TASK_TYPES[0],
    reading::TASK_TYPES[1],
    reading::TASK_TYPES[2],
    reading::TASK_TYPES[3],
    reading::TASK_TYPES[4],
    reading::TASK_TYPES[5],
    reading::TASK_TYPES[6],
    reading::TASK_TYPES[7],
    reading::TASK_TYPES[8],
    reading::TASK_TYPES[9],
    reading::TASK_TYPES[10],
    reading::TASK_TYPES[11],
];
/// The task that opens an order.
pub const CREATE_ORDER: &str = "CreateOrder";
/// The question whether such a task would open an order.
pub const VALIDATE_ORDER: &str = "ValidateOrder";
/// The task that prints the bill of an order.
pub const PRINT_BILL: &str = "PrintBill";
/// The task that makes it as if the bill had not been printed.
pub const UNDO_BILL: &str = "UndoBill";
/// The task that replaces what an order consists of.
pub const UPDATE_ORDER: &str = "UpdateOrder";
/// The task that changes single fields of an order.
pub const PATCH_ORDER: &str = "PatchOrder";
/// The task that cancels another one.
pub const CANCEL_TASK: &str = "CancelTask";
/// The whole of an order.
pub const GET_ORDER: &str = "GetOrder";
/// Where an order stands.
pub const GET_ORDER_STATE: &str = "GetOrderState";
/// The orders of an object.
pub const GET_ORDER_LIST: &str = "GetOrderList";
/// The question for the restaurants of the caller.
pub const GET_AGENT_LIST: &str = "GetAgentList";
/// The question for the answer of a task.
pub const GET_TASK_RESPONSE: &str = "GetTaskResponse";
/// The longest `params.wait` of `GetTaskResponse`, in seconds.
pub const LONGEST_WAIT_S: i64 = 20;

/// A request that has the right form.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A task for an object.
    Task(TaskRequest),
    /// A question for the answer of a task.
    GetTaskResponse {
        /// The task.
        guid: TaskGuid,
        /// How long to wait for an answer, in seconds: 0 to 20.
        wait_s: u64,
    },
    /// A question for the restaurants of the caller.
    GetAgentList,
}

/// A request for a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskRequest {
    /// One of [`TASK_TYPES`].
    pub task_type: &'static str,
    /// The restaurant.
    pub object: ObjectId,
    /// `timeout` in seconds, when given.
    pub timeout_s: Option<i64>,
    /// `sync`: the caller waits for the answer; `async`: it gets the guid at once.
    pub sync: bool,
    /// Before which it is not to be carried out, when its caller says so.
    pub not_before: Option<Timestamp>,
    /// The guid that the task is to have, when its order is to have one.
    pub guid: Option<TaskGuid>,
}

/// A request that has not, and what could be read of it all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct BadRequest {
    /// What is wrong.
    pub refusal: Refusal,
    /// Its `taskType`, when it is one of ours.
    pub task_type: Option<&'static str>,
    /// Its `objectId`, when that could be read.
    pub object: Option<ObjectId>,
}

impl BadRequest {
    fn of(desc: String) -> BadRequest {
        BadRequest { refusal: bad(desc), task_type: None, object: None }
    }
}

pub(super) fn bad(desc: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadRequest, desc)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "taskType")]
    task_type: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn params(&self) -> Result<&'a RawValue, String> {
        self.params.ok_or_else(|| {
            "the body must be {\"taskType\": \"...\", \"params\": {...}}: missing field `params`".into()
        })
    }
}

/// Reads the body of `Create`.
pub fn read(body: &str) -> Result<Request, BadRequest> {
    let envelope = envelope(body).map_err(BadRequest::of)?;
    if envelope.task_type == GET_AGENT_LIST {
        return Ok(Request::GetAgentList);
    }
    let params = envelope.params().map_err(BadRequest::of)?;
    if envelope.task_type == GET_TASK_RESPONSE {
        let question: Question = parse("params", params).map_err(BadRequest::of)?;
        let wait_s = question.wait.map_or(0, |wait| wait.0.unsigned_abs());
        return Ok(Request::GetTaskResponse { guid: question.guid, wait_s });
    }
    let Some(task_type) = known(&envelope.task_type) else {
        return Err(no_task(&envelope.task_type, params));
    };
    let with_type =
        |object| move |refusal| BadRequest { refusal, task_type: Some(task_type), object };
    let target = target(params).map_err(bad).map_err(with_type(None))?;
    let command = command(task_type, params).map_err(with_type(Some(target.object)))?;
    let guid = match &command {
        Command::CreateOrder(create) => create.guid.map(|guid| TaskGuid(guid.0)),
        _ => None,
    };
    let ForWhom { object, timeout_s, not_before, sync } = target;
    Ok(Request::Task(TaskRequest { task_type, object, timeout_s, sync, not_before, guid }))
}

/// Reads the command of a task from its request.
pub fn read_command(task_type: &str, body: &str) -> Result<Command, Refusal> {
    if super::is_till(task_type) {
        return till::request::read_command(body).map(Box::new).map(Command::Till);
    }
    let envelope = envelope(body).map_err(bad)?;
    command(task_type, envelope.params().map_err(bad)?)
}

/// Why a task is not kept until its time.
pub fn too_far(not_before: Timestamp, days: i64) -> Refusal {
    bad(format!(
        "params.async.notBefore is {}: it must be at most {days} days ahead",
        not_before.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    ))
}

/// Why there is no such task: the vendor has it and this service has not, or nobody has.
fn no_task(task_type: &str, params: &RawValue) -> BadRequest {
    let Some(told) = vendor::name(task_type) else {
        return BadRequest::of(unknown_type(task_type));
    };
    let task_type = match told {
        vendor::Told::Name(name) => Some(name),
        vendor::Told::Family => None,
    };
    let (refusal, object) = match target(params) {
        Ok(target) => (vendor::refused(), Some(target.object)),
        Err(desc) => (bad(desc), None),
    };
    BadRequest { refusal, task_type, object }
}

fn known(task_type: &str) -> Option<&'static str> {
    TASK_TYPES.into_iter().find(|known| *known == task_type)
}

pub(super) fn unknown_type(task_type: &str) -> String {
    format!(
        "taskType {:?} is not known: it must be one of {}, {GET_AGENT_LIST}, {GET_TASK_RESPONSE}",
        shown(task_type),
        TASK_TYPES.join(", ")
    )
}

fn envelope(body: &str) -> Result<Envelope<'_>, String> {
    json::check(body).map_err(|fault| match &fault.rule {
        json::Rule::Syntax(why) => format!("the body is not valid JSON: {why}"),
        _ => fault.to_string(),
    })?;
    // A struct could also be read from an array of its fields; nobody means that.
    if body.trim_start().starts_with('[') {
        return Err("the body must be a JSON object, it is an array".into());
    }
    serde_json::from_str(body).map_err(|error| {
        format!("the body must be {{\"taskType\": \"...\", \"params\": {{...}}}}: {error}")
    })
}

/// For whom a task is, whichever way its answer comes.
struct ForWhom {
    object: ObjectId,
    timeout_s: Option<i64>,
    not_before: Option<Timestamp>,
    sync: bool,
}

fn target(params: &RawValue) -> Result<ForWhom, String> {
    let targets: Targets = parse("params", params)?;
    match (targets.r#async, targets.sync) {
        (Some(Scheduled { object, timeout, not_before }), None) => Ok(ForWhom {
            object,
            timeout_s: timeout.map(|timeout| timeout.0),
            not_before: not_before.map(|not_before| not_before.0),
            sync: false,
        }),
        (None, Some(Target { object, timeout, .. })) => Ok(ForWhom {
            object,
            timeout_s: timeout.map(|timeout| timeout.0),
            not_before: None,
            sync: true,
        }),
        (None, None) => Err("params must have one of async and sync, like \
                             \"async\": {\"objectId\": 199990246}: it has neither"
            .into()),
        (Some(_), Some(_)) => Err("params must have one of async and sync: it has both".into()),
    }
}

#[cfg(test)]
mod tests;
