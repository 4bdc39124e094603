//! `Create`: from a request to an accepted task, and for a synchronous caller to its answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::{agents, auth, poll};
use crate::domain::task::{Accepted, NewTask, ObjectId, TaskGuid, TaskKey};
use crate::engine::app::App;
use crate::engine::batcher::BatchError;
use crate::engine::callers::Caller;
use crate::engine::intake::IntakeError;
use crate::engine::protocol::used;
use crate::engine::store::Registration;
use crate::protocols::whiteserver;
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::protocols::whiteserver::wire::request::{GET_AGENT_LIST, Request, TaskRequest};
use crate::protocols::whiteserver::wire::{answer, request};
use crate::web::accept::wait;
use crate::web::gzip;
use crate::web::request::{idempotency_key, read_body};

/// The handler of `Create`.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = std::time::Instant::now();
    let (task_type, answered) = answer_create(&app, &headers, body).await;
    let result = match &answered {
        Ok(_) => "ok",
        Err(problem) => problem.refusal.code.as_str(),
    };
    app.metrics.request(task_type, result, started.elapsed());
    match answered {
        Ok(body) => gzip::json(&headers, body).await,
        Err(problem) => problem.into_response(),
    }
}

async fn answer_create(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> (&'static str, Result<String, Problem>) {
    let read = async {
        if !app.is_started() {
            return Err(Problem::unavailable("this service is starting: it waits for its store"));
        }
        let caller = auth::recall(app, headers).await?;
        match read(app, headers, body).await {
            Ok((key, body, request)) => Ok::<_, Problem>((caller, key, body, request)),
            // Who has no token does not learn what is wrong with its request.
            Err(problem) => Err(auth::prove(app, &caller).await.err().unwrap_or(problem)),
        }
    };
    match read.await {
        Ok((caller, _, _, Request::GetTaskResponse { guid, wait_s })) => {
            ("GetTaskResponse", poll::get_task_response(app, &caller, guid, wait_s).await)
        }
        Ok((caller, .., Request::GetAgentList)) => {
            (GET_AGENT_LIST, agents::get_agent_list(app, &caller).await)
        }
        Ok((caller, key, body, Request::Task(task))) => {
            (task.task_type, submit(app, &caller, key.as_deref(), task, body.into()).await)
        }
        Err(problem) => (problem.task_type.unwrap_or("unknown"), Err(problem)),
    }
}

type Read = (Option<String>, String, Request);

async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Read, Problem> {
    let key = idempotency_key(headers)?;
    let body = read_body(app, headers, body).await?;
    let request = request::read(&body).map_err(|bad| Problem {
        task_type: bad.task_type,
        object: bad.object,
        ..Problem::new(bad.refusal.code, bad.refusal.desc)
    })?;
    Ok((key, body, request))
}

/// Registers a task and answers its guid, or waits for its answer.
async fn submit(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    request: TaskRequest,
    body: Arc<str>,
) -> Result<String, Problem> {
    let TaskRequest { task_type, object, timeout_s, sync, not_before, guid: wanted } = request;
    let aggregator = &caller.aggregator;
    let guid = match (key, wanted) {
        (Some(key), _) => TaskGuid::derived(aggregator.salt, key),
        (None, Some(wanted)) => wanted,
        (None, None) => TaskGuid::new(),
    };
    let known =
        |problem: Problem| Problem { task_type: Some(task_type), object: Some(object), ..problem };
    let named = key.is_some() || wanted.is_some();
    let name = if key.is_some() { "this Idempotency-Key" } else { "this params.order.withRkId" };
    let digest = whiteserver::wire::digest(&body);
    let key = TaskKey { object, guid };
    let task = NewTask::by_licence((key, named), aggregator.id, task_type, body, digest);
    let task = NewTask { timeout_s, sync, not_before, token: caller.unproven, ..task };
    let registration = accept(app, caller, task).await.map_err(known)?;
    if let (Registration::TooFar, Some(not_before)) = (registration, not_before) {
        let refusal = request::too_far(not_before, app.settings.tasks.schedule_days);
        return Err(known(Problem::new(refusal.code, refusal.desc)));
    }
    let accepted = registered(registration, object, guid, name).map_err(known)?;
    tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
    if sync {
        return wait(app, aggregator, guid, accepted).await.ok_or_else(|| {
            let desc = "the task was accepted, but its answer cannot be waited for here any longer: \
                        ask for it with GetTaskResponse";
            let problem = Problem::new(Code::TaskInProgress, desc);
            Problem { guid: Some(guid), ..known(problem) }
        });
    }
    Ok(answer::accepted(&Common {
        task_guid: Some(guid),
        task_type: Some(task_type),
        object_id: Some(object),
        agent_guid: None,
    }))
}

/// Has a task registered for a caller who has its token.
async fn accept(app: &App, caller: &Caller, task: NewTask) -> Result<Registration, Problem> {
    let guid = task.key.guid;
    let of_task = |problem: Problem| Problem { guid: Some(guid), ..problem };
    let registration = app.intake.accept(task).await;
    // What was registered just now proves its caller; where the store was lost in the middle, nothing is told of anybody.
    let proves = matches!(
        registration,
        Ok(Registration::Accepted(_)) | Err(IntakeError::Store(_) | IntakeError::Batch(_))
    );
    if !proves {
        auth::prove(app, caller).await.map_err(|problem| match problem.refusal.code {
            Code::AuthFailed => problem,
            // It may be a task of its caller that was accepted before: nothing is denied.
            _ => {
                let desc = "the store did not say who calls: please ask again with the same Idempotency-Key";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                of_task(Problem::new(Code::InternalError, desc).with_status(status))
            }
        })?;
    }
    registration.map_err(|error| match &error {
        IntakeError::Full(exceeded) => Problem::limited(app, exceeded),
        IntakeError::Batch(BatchError::Full) => error.into(),
        // With the guid, the caller can find out; without it, a repeat could pay twice.
        IntakeError::Store(_) | IntakeError::Batch(BatchError::Failed) => of_task(error.into()),
    })
}

/// The task that is accepted, or why none is.
fn registered(
    registration: Registration,
    object: ObjectId,
    guid: TaskGuid,
    name: &str,
) -> Result<Accepted, Problem> {
    let named = |code, desc| Problem { guid: Some(guid), ..Problem::new(code, desc) };
    match registration {
        Registration::Accepted(accepted) | Registration::Repeated(accepted) => Ok(accepted),
        Registration::NoLicence => {
            Err(Problem::new(Code::License, format!("you have no licence for object {object}")))
        }
        Registration::Different => {
            let desc = format!(
                "{name} came with another request before: a key belongs to one request, byte for byte"
            );
            Err(named(Code::IdempotencyMismatch, desc))
        }
        Registration::Used(outcome) => Err(named(Code::TaskExpired, used(name, outcome))),
        Registration::GuidTaken
        | Registration::Denied
        | Registration::TooFar
        | Registration::Busy => Err(Problem::unavailable("the task could not be given a guid")),
    }
}
