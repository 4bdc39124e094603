//! The form of White Server answers; [`answer`](super::answer) fills it in.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::changes::{Billed, PatchedFields, Updated};
use super::listing::{Listing, State};
use super::read_forms::Agents;
use super::reads::ReadResponse;
use super::view::{FullOrder, Price, ShortOrder};
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, OrderGuid, TaskGuid};
use crate::protocols::whiteserver::contract::forms;
use crate::protocols::whiteserver::reply::Source;

/// What an answer is about, as far as it is known.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Common<'a> {
    /// The task.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TaskGuid")]
    pub task_guid: Option<TaskGuid>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub task_type: Option<&'a str>,
    /// The restaurant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ObjectId")]
    pub object_id: Option<ObjectId>,
    /// The restaurant's agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::guid")]
    pub agent_guid: Option<Uuid>,
}

impl Common<'_> {
    fn is_empty(&self) -> bool {
        self.task_guid.is_none() && self.task_type.is_none() && self.object_id.is_none()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_response: Option<TaskResponse<'a>>,
    #[serde(skip_serializing_if = "Common::is_empty")]
    pub(super) response_common: &'a Common<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorContainer<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TaskResponse<'a> {
    Short(Short),
    Full(Box<Full<'a>>),
    Created(Created),
    Completed(Completed),
    Unpaid(Unpaid),
    Billed(Billed),
    Updated(Updated),
    Patched(PatchedFields<'a>),
    Cancelled(Cancelled),
    State(StateOf<'a>),
    Orders(Orders<'a>),
    Read(ReadResponse<'a>),
    Agents(Agents),
}

/// What an order costs now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Short {
    pub(super) order: ShortOrder,
}

/// A whole order.
// The seed shows `price` beside `order` here and inside it in the short form; a reader of either finds it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Full<'a> {
    pub(super) order: FullOrder<'a>,
    /// The same as in `order`.
    pub(super) price: Price,
}

/// The order that was opened.
#[derive(Serialize, JsonSchema)]
pub(super) struct Created {
    pub(super) order: Named,
}

/// The order that was closed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Completed {
    pub(super) order: Totalled,
}

/// All prepayments were taken back.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unpaid {}

/// The order, or the task, was cancelled.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cancelled {
    #[schemars(extend("const" = "Ok"))]
    pub(super) status: &'static str,
}

/// Where an order stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct StateOf<'a> {
    pub(super) order: State<'a>,
}

/// Orders, the newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Orders<'a> {
    pub(super) orders: Vec<Listing<'a>>,
}

/// An order's guid.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) order_guid: OrderGuid,
}

/// An order's total.
#[derive(Serialize, JsonSchema)]
pub(super) struct Totalled {
    pub(super) price: Total,
}

/// A total.
#[derive(Serialize, JsonSchema)]
pub(super) struct Total {
    pub(super) total: Money,
}

/// Why a task was not done, or a request refused: exactly one of the two.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    extend("if" = {"required": ["wsError"]}),
    extend("then" = {"not": {"required": ["agentError"]}}),
    extend("else" = {"required": ["agentError"]}),
)]
pub(super) struct ErrorContainer<'a> {
    /// From this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "server_error")]
    pub(super) ws_error: Option<WireError<'a>>,
    /// From the worker that speaks for the restaurant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "agent_error")]
    pub(super) agent_error: Option<WireError<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireError<'a> {
    /// The reason, for programs.
    pub(super) code: &'static str,
    /// Which system refused, beside `License`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("const" = "WsAggregator"), with = "str")]
    pub(super) ext_code: Option<&'static str>,
    /// The same for people: a sentence with the values and numbers involved.
    pub(super) desc: &'a str,
}

fn server_error(generator: &mut SchemaGenerator) -> Schema {
    error_from(Source::Server, generator)
}

fn agent_error(generator: &mut SchemaGenerator) -> Schema {
    error_from(Source::Agent, generator)
}

/// An error with those codes that this system reports.
fn error_from(source: Source, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = WireError::json_schema(generator);
    let title = match source {
        Source::Server => "ServerError",
        Source::Agent | Source::Till => "AgentError",
    };
    schema.insert("title".into(), title.into());
    if let Some(code) = schema.pointer_mut("/properties/code") {
        // Open: what a client does not know is a refusal all the same.
        code["anyOf"] = json!([forms::code(Some(source)), {"type": "string"}]);
        code.as_object_mut().map(|fields| fields.shift_remove("type"));
    }
    schema
}
