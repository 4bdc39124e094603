//! `Create`: from a request to an accepted task, and for a synchronous caller to its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep, timeout};

use super::error::{Refused, json};
use super::{auth, poll};
use crate::app::App;
use crate::batcher::BatchError;
use crate::intake::IntakeError;
use crate::presence::caller_is_gone;
use crate::protocol::used;
use crate::protocols::whiteserver;
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::wire::answer;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::protocols::whiteserver::wire::request;
use crate::protocols::whiteserver::wire::request::{Request, TaskRequest};
use crate::store::Registration;
use crate::store::reference::Aggregator;
use crate::task::{Accepted, NewTask, TaskGuid, TaskKey};

/// While this service ends, a synchronous caller waits at most this much longer.
const LAST_WAIT: Duration = Duration::from_secs(2);
/// How soon a synchronous caller asks again at its deadline, while the last worker still holds the task.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// The longest `Idempotency-Key`, in characters.
pub const LONGEST_KEY: usize = 255;

/// The handler of `Create`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = std::time::Instant::now();
    let (task_type, answered) = answer_create(&app, &headers, body).await;
    let result = match &answered {
        Ok(_) => "ok",
        Err(refused) => refused.refusal.code.as_str(),
    };
    app.metrics.request(task_type, result, started.elapsed());
    answered.map_or_else(IntoResponse::into_response, |body| json(StatusCode::OK, body))
}

async fn answer_create(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> (&'static str, Result<String, Refused>) {
    let read = async {
        if !app.is_started() {
            return Err(Refused::unavailable("this service is starting: it waits for its store"));
        }
        let caller = auth::authenticate(app, headers).await?;
        let key = idempotency_key(headers)?;
        let body = read_body(app, headers, body).await?;
        let request = request::read(&body).map_err(|bad| Refused {
            task_type: bad.task_type,
            object: bad.object,
            ..Refused::new(bad.refusal.code, bad.refusal.desc)
        })?;
        Ok::<_, Refused>((caller, key, body, request))
    };
    match read.await {
        Ok((caller, _, _, Request::GetTaskResponse { guid, wait_s })) => {
            ("GetTaskResponse", poll::get_task_response(app, &caller, guid, wait_s).await)
        }
        Ok((caller, key, body, Request::Task(task))) => {
            (task.task_type, submit(app, &caller, key.as_deref(), task, body.into()).await)
        }
        Err(refused) => (refused.task_type.unwrap_or("unknown"), Err(refused)),
    }
}

/// The caller's own name for a task: submitted twice, it is the same task.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    const HEADER: &str = "Idempotency-Key";
    let bad =
        |rule: &str| Err(Refused::new(Code::BadRequest, format!("the header {HEADER} {rule}")));
    let mut values = headers.get_all(HEADER).iter();
    let Some(key) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return bad("is there more than once: a request has one key");
    }
    match key.to_str().map(str::trim) {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        Ok(key) => bad(&format!("has {} characters: it must have 1 to {LONGEST_KEY}", key.len())),
        Err(_) => bad("has other characters than visible ASCII"),
    }
}

pub(crate) async fn read_body(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<String, Refused> {
    let bad = |desc: String| Refused::new(Code::BadRequest, desc);
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        let kind = kind.to_str().unwrap_or("not readable");
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            let kind = crate::money::shown(kind);
            return Err(bad(format!("Content-Type is {kind:?}: it must be application/json")));
        }
    }
    String::from_utf8(read_bytes(app, headers, body).await?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        bad(format!("the body is not UTF-8 from byte {at} on: it must be JSON in UTF-8"))
    })
}

/// A body of any kind, within the limits of size and time.
pub(crate) async fn read_bytes(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<u8>, Refused> {
    let bad = |desc: String| Refused::new(Code::BadRequest, desc);
    let settings = &app.settings.http;
    let limit = settings.body_limit;
    let too_large = || {
        bad(format!("the body is larger than {limit} bytes, the most that is accepted"))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    };
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse().ok());
    if declared.is_some_and(|declared: usize| declared > limit) {
        return Err(too_large());
    }
    let patience = Duration::from_millis(settings.body_timeout_ms);
    let bytes = timeout(patience, to_bytes(body, limit))
        .await
        .map_err(|_| {
            bad(format!("the body did not arrive within {} ms", settings.body_timeout_ms))
                .with_status(StatusCode::REQUEST_TIMEOUT)
        })?
        .map_err(|error| {
            let error = error.into_inner();
            match error.is::<http_body_util::LengthLimitError>() {
                true => too_large(),
                false => bad(format!("the body could not be read: {error}")),
            }
        })?;
    Ok(bytes.into())
}

/// Registers a task and answers its guid, or waits for its answer.
async fn submit(
    app: &App,
    caller: &Aggregator,
    key: Option<&str>,
    request: TaskRequest,
    body: Arc<str>,
) -> Result<String, Refused> {
    let TaskRequest { task_type, object, timeout_s, sync } = request;
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(caller.salt, key));
    let known =
        |refused: Refused| Refused { task_type: Some(task_type), object: Some(object), ..refused };
    let task = NewTask {
        admission: crate::task::Admission::ByLicence,
        key: TaskKey { object, guid },
        aggregator: caller.id,
        task_type,
        timeout_s,
        digest: whiteserver::wire::digest(&body),
        named: key.is_some(),
        request: body,
        sync,
        reply_to: None,
        correlation_id: None,
        subject: None,
        expires_at: None,
        denials_since: None,
    };
    let registration = app.intake.accept(task).await.map_err(|error| {
        if let IntakeError::Full(exceeded) = &error {
            return known(Refused::limited(app, exceeded));
        }
        // With the guid, the caller can find out; without it, a repeat could pay twice.
        let guid = (!matches!(error, IntakeError::Batch(BatchError::Full))).then_some(guid);
        Refused { guid, ..known(error.into()) }
    })?;
    let accepted = match registration {
        Registration::Accepted(accepted) | Registration::Repeated(accepted) => accepted,
        Registration::NoLicence => {
            let desc = format!("you have no licence for object {object}");
            return Err(known(Refused::new(Code::License, desc)));
        }
        Registration::Different => {
            let desc = "this Idempotency-Key came with another request before: a key belongs to one \
                        request, byte for byte";
            let refused = Refused::new(Code::IdempotencyMismatch, desc);
            return Err(Refused { guid: Some(guid), ..known(refused) });
        }
        Registration::Used(outcome) => {
            let desc = used("this Idempotency-Key", outcome);
            let refused = Refused::new(Code::TaskExpired, desc);
            return Err(Refused { guid: Some(guid), ..known(refused) });
        }
        Registration::GuidTaken | Registration::Denied | Registration::Busy => {
            return Err(known(Refused::unavailable("the task could not be given a guid")));
        }
    };
    tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
    if sync {
        return wait(app, caller, guid, accepted)
            .await
            .map_err(|refused| Refused { guid: Some(guid), ..known(refused) });
    }
    Ok(answer::accepted(&Common {
        task_guid: Some(guid),
        task_type: Some(task_type),
        object_id: Some(object),
        agent_guid: None,
    }))
}

/// Waits until the task is answered: at its deadline at the latest, when looking it up answers it.
pub(crate) async fn wait(
    app: &App,
    caller: &Aggregator,
    guid: TaskGuid,
    accepted: Accepted,
) -> Result<String, Refused> {
    let remaining = Duration::from_micros(accepted.remaining_us.unsigned_abs());
    let deadline = Instant::now() + remaining;
    let answer = async {
        loop {
            match app.answers.wait(guid, caller.id, deadline).await {
                Ok(Some(found)) if found.answer.is_some() => break found.answer,
                // The worker that holds the task decides, a moment after the deadline.
                Ok(Some(_)) => sleep(ASK_AGAIN).await,
                Ok(None) => break None,
                Err(error) => {
                    // The task is kept; only its outcome cannot be read now.
                    if Instant::now() > deadline + LAST_WAIT {
                        tracing::warn!(%error, task.guid = %guid, "task {guid}: {error}");
                        break None;
                    }
                    sleep(Duration::from_millis(250)).await;
                }
            }
        }
    };
    let ending = async {
        app.shutdown.no_new_requests.cancelled().await;
        sleep(LAST_WAIT).await;
    };
    let answered = tokio::select! {
        biased;
        answer = answer => answer,
        () = ending => None,
        () = caller_is_gone() => None,
    };
    answered.ok_or_else(|| {
        let desc = "the task was accepted, but its answer cannot be waited for here any longer: \
                    ask for it with GetTaskResponse";
        Refused::new(Code::TaskInProgress, desc)
    })
}
