//! From a request to an accepted task, and to its answer.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::form::Form;
use super::reading::Refused;
use super::{Api, Caller, authenticate, finish, respond};
use crate::domain::task::{Accepted, NewTask, ObjectId, RequestDigest, TaskGuid, TaskKey};
use crate::engine::protocol::used;
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::wire::{DELETE_ORDER, answer};
use crate::web::accept;
use crate::web::accept::{NotWritten, Written, with_preferences};
use crate::web::prefer::Preferences;
use crate::web::problem::{with_guid, with_retry_after};
use crate::web::request::idempotency_key;

/// A request that may become a task.
pub(super) struct Asked {
    pub(super) object: ObjectId,
    /// The order, when it is there: it has one change in work at most.
    pub(super) subject: Option<String>,
    /// As it is stored.
    pub(super) request: String,
    pub(super) digest: RequestDigest,
    pub(super) form: Form,
}

/// What is asked for, as it is stored.
pub(super) fn request(asked: &impl serde::Serialize) -> Refused<String> {
    serde_json::to_string(asked)
        .map_err(|error| Problem::bad(format!("The request cannot be kept: {error}")))
}

/// Answers a write: who calls, what is asked for, what became of it.
pub(super) async fn write<F>(
    api: Arc<Api>,
    task_type: &'static str,
    headers: HeaderMap,
    read: impl FnOnce(Arc<Api>, Arc<Caller>, HeaderMap) -> F,
) -> Response
where
    F: Future<Output = Refused<Asked>>,
{
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = Arc::new(authenticate(&api, &headers).await?);
        partner = Some(caller.partner);
        let asked = read(Arc::clone(&api), Arc::clone(&caller), headers.clone()).await?;
        carry_out(&api, &caller, &headers, task_type, asked).await
    };
    let answered = answered.await;
    finish(&api, task_type, started, partner, answered)
}

async fn carry_out(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    task_type: &'static str,
    asked: Asked,
) -> Refused<Response> {
    let (app, aggregator) = (&*api.app, &caller.aggregator);
    let key = idempotency_key(headers)?;
    let named = key.is_some();
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(aggregator.salt, &key));
    let preferences = Preferences::read(headers);
    let key = (TaskKey { object: asked.object, guid }, named);
    let paused = app.pauses.is_paused(asked.object);
    let task = NewTask::of_request(key, aggregator.id, task_type, asked.request, asked.digest);
    let task = NewTask { timeout_s: preferences.wait_s, subject: asked.subject, ..task };
    let mut response = match accept::write(app, aggregator, task, preferences).await {
        // The vendor's answer to DELETE has no body.
        Ok(Written::Answered { status: StatusCode::OK, .. }) if task_type == DELETE_ORDER => {
            StatusCode::OK.into_response()
        }
        Ok(Written::Answered { status, body }) => {
            let body = asked.form.show(Tables::of(&app.store), status, body).await;
            let body = body.map_err(|problem| problem.with_guid(guid))?;
            // In v2 what was made is answered as what was changed.
            let status = match asked.form.is_v2() && status == StatusCode::CREATED {
                true => StatusCode::OK,
                false => status,
            };
            respond(status, body)
        }
        Ok(Written::Promised(accepted)) => promised(guid, accepted, paused),
        Err(not_written) => return Err(refused(not_written, guid, paused)),
    };
    with_guid(&mut response, guid);
    with_preferences(&mut response, preferences);
    Ok(response)
}

/// It is accepted, and the caller does not wait. While the event is paused, it is told so: it asks again later.
fn promised(guid: TaskGuid, accepted: Accepted, paused: bool) -> Response {
    let deadline = answer::time(accepted.deadline);
    let waits = if paused { ",\"paused\":true" } else { "" };
    let body = format!("{{\"task_guid\":\"{guid}\",\"deadline\":\"{deadline}\"{waits}}}");
    let mut response = respond(StatusCode::ACCEPTED, body);
    with_retry_after(&mut response, accept::look_again_s(paused));
    response
}

fn refused(not_written: NotWritten, guid: TaskGuid, paused: bool) -> Problem {
    let unavailable = |error: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error);
    match not_written {
        NotWritten::Refused(plain) => plain.into(),
        NotWritten::Different => {
            let error = "This Idempotency-Key came with another request before: a key belongs to one \
                         request.";
            Problem::bad(error).with_guid(guid)
        }
        NotWritten::Used(outcome) => {
            let error = used("This Idempotency-Key", outcome);
            Problem::bad(format!("{error}.")).with_guid(guid)
        }
        NotWritten::Busy => {
            let paused = if paused { answer::PAUSED } else { "" };
            let error = format!("An earlier change of this order is still being worked on.{paused}");
            Problem::new(StatusCode::CONFLICT, error)
        }
        NotWritten::Unknown => unavailable(
            "The store did not confirm the request: it may be accepted or not; look at the order \
             before you repeat it.",
        )
        .with_guid(guid),
        NotWritten::NotWaitedFor => unavailable(
            "The request was accepted, but its answer cannot be waited for here any longer: look at \
             the order before you repeat it.",
        )
        .with_guid(guid),
    }
}
