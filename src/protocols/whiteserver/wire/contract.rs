//! The JSON Schemas of this protocol: of the types that its requests are read into and its answers are
//! written from, so that a schema cannot say anything else than the code.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::changes::{Billed, PatchedFields, Updated};
use super::command::{Beside, Guided, Named, One, Priced, WhichTask};
use super::envelope::{
    Cancelled, Common, Completed, Created, ErrorContainer, Full, Orders, Short, StateOf, Unpaid,
};
use super::event::{Callback, Listened};
use super::listen::Listen;
use super::params::{Question, Targets};
use super::read_forms::Agents;
use super::reading::{self, ByParams, Nothing, WhichSystem};
use super::reads;
use super::request::{
    CANCEL_TASK, CREATE_ORDER, GET_AGENT_LIST, GET_TASK_RESPONSE, PATCH_ORDER, PRINT_BILL,
    UNDO_BILL, UPDATE_ORDER, VALIDATE_ORDER,
};
use crate::protocols::whiteserver::command::which_order::Guids;
use crate::protocols::whiteserver::command::{
    AddPrepay, GetOrderList, OrderContent, PatchOrder, PayOrder, UpdateOrder,
};

/// `params` of a task: the target beside the command. Each is read on its own.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Params<C> {
    #[serde(flatten)]
    target: Targets,
    #[serde(flatten)]
    command: C,
}

/// `params` of `RemovePrepayOrder`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct RemovePrepay {
    #[serde(flatten)]
    order: Named,
    #[serde(flatten)]
    one: One<'static>,
}

/// `params` of `CreateOrder`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct CreateOrder {
    order: NewOrder,
    #[serde(flatten)]
    beside: Beside,
}

/// What an order costs and consists of.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct NewOrder {
    #[serde(flatten)]
    price: Priced,
    #[serde(flatten)]
    content: OrderContent,
    #[serde(flatten)]
    guided: Guided,
}

/// The schema of a task's `params`; `None` for a type that is not known.
pub fn params(task_type: &str, generator: &mut SchemaGenerator) -> Option<Schema> {
    Some(match task_type {
        "PayOrder" => Params::<PayOrder>::json_schema(generator),
        "AddPrepayOrder" => Params::<AddPrepay>::json_schema(generator),
        "RemovePrepayOrder" => Params::<RemovePrepay>::json_schema(generator),
        "CompleteOrder" | PRINT_BILL | UNDO_BILL | "GetOrder" => {
            Params::<Named>::json_schema(generator)
        }
        "CancelOrder" | "GetOrderState" => Params::<Guids>::json_schema(generator),
        UPDATE_ORDER => Params::<UpdateOrder>::json_schema(generator),
        PATCH_ORDER => Params::<PatchOrder>::json_schema(generator),
        CREATE_ORDER | VALIDATE_ORDER => Params::<CreateOrder>::json_schema(generator),
        CANCEL_TASK => Params::<WhichTask>::json_schema(generator),
        "GetOrderList" => Params::<GetOrderList>::json_schema(generator),
        GET_TASK_RESPONSE => Question::json_schema(generator),
        "GetMenuByParams" => Params::<ByParams<'static>>::json_schema(generator),
        "IsMainSystemAvailable" => Params::<WhichSystem>::json_schema(generator),
        read if reading::TASK_TYPES.contains(&read) => Params::<Nothing>::json_schema(generator),
        _ => return None,
    })
}

/// The schemas of `taskResponse` in the answer of a task that was done.
pub fn replies(task_type: &str, generator: &mut SchemaGenerator) -> Vec<Schema> {
    match task_type {
        // The one that asks for more first: a reader that takes the first that fits loses nothing.
        "PayOrder" => vec![Full::json_schema(generator), Short::json_schema(generator)],
        "AddPrepayOrder" => vec![Short::json_schema(generator)],
        "RemovePrepayOrder" => vec![Unpaid::json_schema(generator)],
        "CompleteOrder" => vec![Completed::json_schema(generator)],
        PRINT_BILL | UNDO_BILL => vec![Billed::json_schema(generator)],
        UPDATE_ORDER => vec![Updated::json_schema(generator)],
        PATCH_ORDER => vec![PatchedFields::json_schema(generator)],
        "CancelOrder" | CANCEL_TASK => vec![Cancelled::json_schema(generator)],
        CREATE_ORDER => vec![Created::json_schema(generator)],
        "GetOrder" => vec![Full::json_schema(generator)],
        "GetOrderState" => vec![StateOf::json_schema(generator)],
        "GetOrderList" => vec![Orders::json_schema(generator)],
        GET_AGENT_LIST => vec![Agents::json_schema(generator)],
        other => reads::schema(other, generator).into_iter().collect(),
    }
}

/// The schema of `responseCommon`.
pub fn common(generator: &mut SchemaGenerator) -> Schema {
    Common::json_schema(generator)
}

/// The schema of `error`.
pub fn error(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<ErrorContainer<'_>>()
}

/// The schema of the body of `ListenQueue`.
pub fn listen(generator: &mut SchemaGenerator) -> Schema {
    Listen::json_schema(generator)
}

/// The schema of an event as `ListenQueue` answers it.
pub fn event(generator: &mut SchemaGenerator) -> Schema {
    Listened::json_schema(generator)
}

/// The schema of an event as it is posted.
pub fn event_callback(generator: &mut SchemaGenerator) -> Schema {
    Callback::json_schema(generator)
}
