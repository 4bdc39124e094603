//! Every operation of the operator API.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::ops::access::{ListedOperator, Role};
use crate::ops::actions::letters::ReplayedLetter;
use crate::ops::api::places;
use crate::ops::commands::Ran;
use crate::ops::journal::JournalEntry;
use crate::ops::queries::audits::Audit;
use crate::ops::queries::callbacks::{Callback, Replayable, Tried};
use crate::ops::queries::callers::Caller;
use crate::ops::queries::letters::{Letter, Reason};
use crate::ops::queries::objects::Paused;
use crate::ops::queries::page::Page;
use crate::ops::queries::records::Record;
use crate::ops::queries::tasks::{TaskDetail, TaskSummary};
use crate::web::parameters::Place;

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub id: &'static str,
    /// `get` or `post`.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
    /// The role that it needs.
    pub role: Role,
    /// What it does.
    pub summary: &'static str,
    /// Its parameters.
    pub place: Place,
    /// The fields of its body.
    pub body: &'static [Field],
    /// The schema of its answer.
    pub answer: fn(&mut SchemaGenerator) -> Schema,
}

/// A field of a body.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type in JSON.
    pub kind: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it says.
    pub about: &'static str,
}

const fn field(
    name: &'static str,
    kind: &'static str,
    required: bool,
    about: &'static str,
) -> Field {
    Field { name, kind, required, about }
}

const REASON: Field = field("reason", "string", true, "Why: it stands in the journal.");

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $($(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(rename_all = "camelCase")]
        #[allow(dead_code)]
        struct $name { $($field: $kind),* })*
    };
}

answers! {
    Me { name: String, role: String }
    State { state: String }
    Done { done: bool }
    Number { id: i64 }
    Count { letters: u64 }
    NewToken { name: String, token: String }
    NewSecret { id: i64, secret: String }
    OrderWithPayments { order: Record, payments: Vec<Record> }
}

/// A whole list.
#[derive(JsonSchema)]
#[schemars(rename = "{T}List")]
#[expect(dead_code, reason = "only its schema is used")]
struct Items<T> {
    items: Vec<T>,
}

macro_rules! operations {
    ($($method:ident $path:literal $id:ident, $role:ident, $place:ident, [$($body:expr),*], $answer:ty: $summary:literal;)*) => {
        /// All of them.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            id: stringify!($id),
            method: stringify!($method),
            path: $path,
            role: Role::$role,
            summary: $summary,
            place: places::$place,
            body: &[$($body),*],
            answer: |schemas| schemas.subschema_for::<$answer>(),
        }),*];
    };
}

const EXPECTED: Field = field("expected", "integer", true, "How many match, as counted before.");
const OBJECT: Field = field("object", "integer", true, "The object (objectId).");
const ONLY: Field = field("object", "integer", false, "Only this object.");
const OPEN: Field = field("open", "boolean", true, "Whether it is on.");
const NAME: Field = field("name", "string", true, "The name, unique.");
const ROLE: Field = field("role", "string", true, "viewer, operator, finance or admin.");
const WORDS: Field = field("words", "array", true, "The words behind `wsa admin`.");
const OVERLAP: Field =
    field("overlapHours", "integer", false, "For how many hours the one before signs too; 24.");

operations! {
    get "/ops/v1/me" me, Viewer, NOTHING, [], Me:
        "Who asks";
    get "/ops/v1/tasks" tasks, Viewer, TASKS, [], Page<TaskSummary>:
        "Tasks, newest first";
    get "/ops/v1/tasks/{guid}" task, Viewer, NOTHING, [], TaskDetail:
        "One task with its timeline";
    post "/ops/v1/tasks/{guid}/reveal" revealTask, Finance, NOTHING, [REASON], TaskDetail:
        "One task with what is personal in it";
    post "/ops/v1/tasks/{guid}/cancel" cancelTask, Operator, NOTHING, [REASON], State:
        "Cancel an open task: it is not carried out, and never will be";
    get "/ops/v1/objects" objects, Viewer, RECORDS, [], Page<Record>:
        "Objects of a protocol";
    get "/ops/v1/objects/{id}" object, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/orders" orders, Viewer, RECORDS, [], Page<Record>:
        "Orders of a protocol";
    get "/ops/v1/orders/{id}" order, Viewer, NOTHING, [], OrderWithPayments:
        "One of them, with its payments";
    get "/ops/v1/payments" payments, Viewer, RECORDS, [], Page<Record>:
        "Payments of a protocol";
    get "/ops/v1/payments/{id}" payment, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/carts" carts, Viewer, RECORDS, [], Page<Record>:
        "Carts of a protocol";
    get "/ops/v1/carts/{id}" cart, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/services" services, Viewer, RECORDS, [], Page<Record>:
        "Services of a protocol";
    get "/ops/v1/services/{id}" service, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/tickets" tickets, Viewer, RECORDS, [], Page<Record>:
        "Tickets of a protocol";
    get "/ops/v1/tickets/{id}" ticket, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/accounts" accounts, Viewer, RECORDS, [], Page<Record>:
        "Accounts of a protocol";
    get "/ops/v1/accounts/{id}" account, Viewer, NOTHING, [], Record:
        "One of them";
    get "/ops/v1/pauses" pauses, Viewer, NOTHING, [], Items<Paused>:
        "Paused objects";
    post "/ops/v1/objects/{id}/pause" pauseObject, Operator, NOTHING, [REASON], Done:
        "Have the tasks of an object wait";
    post "/ops/v1/objects/{id}/resume" resumeObject, Operator, NOTHING, [REASON], Done:
        "Let them go on";
    get "/ops/v1/callers" callers, Viewer, NOTHING, [], Items<Caller>:
        "Aggregators, keys, managers and users";
    post "/ops/v1/callers/{name}/rotate-token" rotateCallersToken, Admin, NOTHING, [REASON], NewToken:
        "Give a caller another token, shown this once";
    post "/ops/v1/callers/{name}/withdraw-licence" withdrawLicence, Finance, NOTHING, [REASON, OBJECT], Done:
        "Take a licence away";
    get "/ops/v1/callbacks" callbacks, Viewer, NOTHING, [], Items<Callback>:
        "Callbacks with their health and what waits";
    get "/ops/v1/callbacks/{id}/attempts" attempts, Viewer, ATTEMPTS, [], Items<Tried>:
        "What was posted to a callback, newest first";
    get "/ops/v1/callbacks/{id}/replayable" replayable, Viewer, REPLAYABLE, [], Replayable:
        "Count what can be posted once more";
    post "/ops/v1/callbacks/{id}/replay" replayCallback, Operator, REPLAYABLE, [REASON, EXPECTED], Replayable:
        "Post what passes the filter once more";
    post "/ops/v1/callbacks/{id}/switch" switchCallback, Operator, NOTHING, [REASON, OPEN], Done:
        "Switch a callback on or off";
    post "/ops/v1/callbacks/{id}/rotate-secret" rotateSecret, Admin, NOTHING, [REASON, OVERLAP], NewSecret:
        "Give a callback another secret, shown this once";
    get "/ops/v1/letters" letters, Viewer, LETTERS, [], Items<Letter>:
        "Dead letters, newest first";
    get "/ops/v1/letters/{id}" letter, Viewer, NOTHING, [], Letter:
        "One dead letter";
    get "/ops/v1/letters/count" countLetters, Viewer, LETTERS, [], Count:
        "Count dead letters";
    get "/ops/v1/letters/reasons" reasons, Viewer, LETTERS, [], Items<Reason>:
        "Dead letters by their reasons";
    post "/ops/v1/letters/replay" replayLetters, Operator, LETTERS, [REASON, EXPECTED], Items<ReplayedLetter>:
        "Replay the dead letters that pass the filter";
    post "/ops/v1/letters/{id}/replay" replayLetter, Operator, NOTHING, [REASON], ReplayedLetter:
        "Replay one dead letter";
    get "/ops/v1/operators" operators, Viewer, NOTHING, [], Items<ListedOperator>:
        "Operators";
    post "/ops/v1/operators" addOperator, Admin, NOTHING, [REASON, NAME, ROLE], NewToken:
        "Add an operator; its token is shown this once";
    post "/ops/v1/operators/{name}/role" setRole, Admin, NOTHING, [REASON, ROLE], Done:
        "Give an operator another role";
    post "/ops/v1/operators/{name}/rotate-token" rotateOperatorsToken, Admin, NOTHING, [REASON], NewToken:
        "Give an operator another token, shown this once";
    post "/ops/v1/operators/{name}/disable" disableOperator, Admin, NOTHING, [REASON], Done:
        "Let an operator's token open nothing any more";
    post "/ops/v1/operators/{name}/enable" enableOperator, Admin, NOTHING, [REASON], Done:
        "Let it open its door again";
    get "/ops/v1/audits" audits, Viewer, AUDITS, [], Items<Audit>:
        "The last audits";
    post "/ops/v1/audits" runAudit, Operator, NOTHING, [REASON, ONLY], Number:
        "Audit the store in the background";
    post "/ops/v1/commands" runCommand, Admin, NOTHING, [REASON, WORDS], Ran:
        "Carry out a command of wsa admin in the store of this process";
    get "/ops/v1/journal" journal, Viewer, JOURNAL, [], Page<JournalEntry>:
        "What operators did, newest first";
}
