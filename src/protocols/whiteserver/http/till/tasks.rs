//! From a request that was read to an accepted task, and to its answer.

use axum::http::{HeaderMap, StatusCode};

use super::error::{Problem, not_waited_for};
use super::{Caller, nobody};
use crate::domain::task::{Accepted, NewTask, OrderGuid, RequestDigest, TaskGuid, TaskKey};
use crate::engine::app::App;
use crate::engine::batcher::BatchError;
use crate::engine::intake::IntakeError;
use crate::engine::protocol::stored::Stored;
use crate::engine::protocol::used;
use crate::engine::store::Registration;
use crate::protocols::whiteserver::command::till::{OrderChange, TillCommand};
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::till::TASK_TYPES;
use crate::web::accept;
use crate::web::prefer::Preferences;
use crate::web::request::idempotency_key;

/// The status and the body of an answer.
pub(super) type Answered = Result<(StatusCode, String), Problem>;

/// A request that may become a task.
pub(super) struct Asked {
    pub(super) task_type: &'static str,
    /// The guid that its caller named.
    pub(super) named: Option<TaskGuid>,
    pub(super) command: TillCommand,
    pub(super) digest: RequestDigest,
}

/// What a change of an order asks for.
pub(super) fn asked(
    caller: &Caller,
    headers: &HeaderMap,
    task_type: &'static str,
    change: OrderChange,
    body: &str,
) -> Result<Asked, Problem> {
    let named = idempotency_key(headers)?;
    let named = named.map(|key| TaskGuid::derived(caller.aggregator.salt, &key));
    let (order, version) = (change.order.to_string(), change.version.to_string());
    let digest = RequestDigest::of([task_type, &order, &version, body]);
    Ok(Asked { task_type, named, command: TillCommand::Change(change), digest })
}

/// Has it accepted and waits for its answer. `known` is the guid of the task, where there may be one.
pub(super) async fn carry_out(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    asked: Asked,
    known: &mut Option<TaskGuid>,
) -> Answered {
    let Asked { task_type, named, command, digest } = asked;
    debug_assert!(TASK_TYPES.contains(&task_type), "{task_type}");
    let guid = named.unwrap_or_default();
    let request = serde_json::to_string(&command).map_err(|error| {
        Problem::new(Code::BadRequest, format!("the request cannot be kept: {error}"))
    })?;
    let key = TaskKey { object: caller.object, guid };
    // By the licence that a till has for its object: it is looked at in the moment in which the task is kept.
    let task = NewTask::by_licence(
        (key, named.is_some()),
        caller.aggregator.id,
        task_type,
        request,
        digest,
    );
    let timeout_s = Preferences::read(headers).wait_s;
    let task = NewTask { timeout_s, sync: true, ..task };
    let registration = app.intake.accept(task).await;
    // It is named where there may be one: what was refused for want of room or of a till was not accepted.
    let refused = matches!(
        registration,
        Ok(Registration::NoLicence)
            | Err(IntakeError::Full(_) | IntakeError::Batch(BatchError::Full))
    );
    *known = (!refused).then_some(guid);
    let accepted = registered(registration?, &command)?;
    tracing::debug!(task.guid = %guid, object.id = %caller.object, task_type, "accepted task {guid}");
    let text = accept::wait(app, &caller.aggregator, guid, accepted).await;
    let text = text.ok_or_else(not_waited_for)?;
    let Stored { status, body } = Stored::read(&text).ok_or_else(not_waited_for)?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok((status, body.to_owned()))
}

fn registered(registration: Registration, command: &TillCommand) -> Result<Accepted, Problem> {
    let opens = match command {
        TillCommand::Open(new) => new.order_guid,
        TillCommand::Change(_) => None,
    };
    let taken = |order: OrderGuid| {
        let desc =
            format!("orderGuid: {order} was used before, for an order or for something else");
        Problem::from(Refusal::new(Code::OrderExists, desc).of_field("orderGuid"))
    };
    match (registration, opens) {
        (Registration::Accepted(accepted) | Registration::Repeated(accepted), _) => Ok(accepted),
        // The till was removed just now.
        (Registration::NoLicence, _) => Err(nobody()),
        (_, Some(order)) => Err(taken(order)),
        (Registration::Different, None) => {
            let desc = "this Idempotency-Key came with another request before: a key belongs to one request";
            Err(Problem::new(Code::IdempotencyMismatch, desc))
        }
        (Registration::Used(outcome), None) => {
            Err(Problem::new(Code::TaskExpired, used("this Idempotency-Key", outcome)))
        }
        (
            Registration::GuidTaken
            | Registration::Denied
            | Registration::TooFar
            | Registration::Busy,
            None,
        ) => Err(Problem::unavailable("the task could not be given a guid")),
    }
}
