//! PATCH and POST: from a request to an accepted task, and to its answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::{Problem, Refused};
use super::{Api, authenticate, authorise, media, no_payment, parts, respond};
use crate::domain::task::{Accepted, NewTask, ObjectId, RequestDigest, TaskGuid, TaskKey};
use crate::engine::app::App;
use crate::engine::protocol::used;
use crate::engine::store::reference::Aggregator;
use crate::protocols::activeplatform::command::{Complete, Which};
use crate::protocols::activeplatform::parameters::WRITE;
use crate::protocols::activeplatform::wire::query::Parameters;
use crate::protocols::activeplatform::wire::{COMPLETE_BY_DOCUMENT, COMPLETE_PAYMENT, request};
use crate::web::accept;
use crate::web::accept::{NotWritten, Written, with_preferences};
use crate::web::prefer::Preferences;
use crate::web::problem::{with_guid, with_retry_after};
use crate::web::request::{idempotency_key, read_body};

type Parts = Result<Path<(String, String)>, PathRejection>;

/// The handler of PATCH.
pub(super) async fn by_id(
    State(api): State<Arc<Api>>,
    path: Parts,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    handle(&api, COMPLETE_PAYMENT, (path, query), &headers, body).await
}

/// The handler of POST.
pub(super) async fn by_document(
    State(api): State<Arc<Api>>,
    path: Parts,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    handle(&api, COMPLETE_BY_DOCUMENT, (path, query), &headers, body).await
}

async fn handle(
    api: &Api,
    task_type: &'static str,
    to: (Parts, Option<String>),
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let started = std::time::Instant::now();
    let app = &api.app;
    let answered = match read(api, task_type, to, headers, body).await {
        Ok(asked) => complete(app, asked).await.map_err(Refused::from),
        Err(refused) => Err(refused),
    };
    let result = answered.as_ref().err().map_or("ok", Refused::result);
    app.metrics.request(task_type, result, started.elapsed());
    answered.unwrap_or_else(IntoResponse::into_response)
}

/// A request that may become a task.
struct Asked {
    caller: Aggregator,
    reseller: ObjectId,
    guid: TaskGuid,
    named: bool,
    digest: RequestDigest,
    task_type: &'static str,
    request: Arc<str>,
    preferences: Preferences,
}

async fn read(
    api: &Api,
    task_type: &'static str,
    (path, query): (Parts, Option<String>),
    headers: &HeaderMap,
    body: Body,
) -> Result<Asked, Refused> {
    let app = &*api.app;
    let caller = authenticate(app, headers).await?;
    media::content_type(headers)?;
    media::acceptable(headers)?;
    let (reseller, payment) = parts(path)?;
    let (reseller, access) = authorise(api, &caller, &reseller).await?;
    if !access.role.completes() {
        let title = format!("A manager with the role {} may not complete payments.", access.role);
        return Err(Problem::new(StatusCode::FORBIDDEN, title).into());
    }
    Parameters::read(&WRITE, query.as_deref().unwrap_or_default())?.finish()?;
    let which = match task_type {
        COMPLETE_PAYMENT => request::path_id(&payment).map(Which::Payment),
        _ => request::is_name(&payment).then_some(Which::Document(payment)),
    };
    let which = which.ok_or_else(no_payment)?;
    let key = idempotency_key(headers)?;
    let named = key.is_some();
    let body = read_body(app, headers, body).await?;
    let bad = |bad: request::Bad| {
        let status = StatusCode::from_u16(bad.status).unwrap_or(StatusCode::BAD_REQUEST);
        Problem::new(status, bad.title)
    };
    let attributes = request::asked(&body, reseller, &which).map_err(bad)?;
    let payment = match &which {
        Which::Payment(id) => id.to_string(),
        Which::Document(number) => number.clone(),
    };
    let digest = RequestDigest::of([task_type, &*reseller.to_string(), &*payment, &*body]);
    let amount = attributes.amount();
    let complete = Complete {
        which,
        method: attributes.payment_method_id,
        manager: access.manager,
        amount,
        currency: attributes.currency_code,
        transaction: attributes.external_transaction_id,
        offset: api.settings.utc_offset,
    };
    let request = serde_json::to_string(&complete)
        .map_err(|error| Problem::bad(format!("The request cannot be kept: {error}")))?;
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(caller.salt, &key));
    let preferences = Preferences::read(headers);
    let request = request.into();
    Ok(Asked { caller, reseller, guid, named, digest, task_type, request, preferences })
}

async fn complete(app: &App, asked: Asked) -> Result<Response, Problem> {
    let Asked { caller, reseller, guid, named, digest, task_type, request, preferences } = asked;
    let key = (TaskKey { object: reseller, guid }, named);
    let task = NewTask::of_request(key, caller.id, task_type, request, digest);
    let task = NewTask { timeout_s: preferences.wait_s, ..task };
    let mut response = match accept::write(app, &caller, task, preferences).await {
        Ok(Written::Answered { status, body }) => respond(status, body),
        Ok(Written::Promised(accepted)) => promised(guid, accepted, app.pauses.is_paused(reseller)),
        Err(not_written) => return Err(refused(not_written, guid)),
    };
    with_guid(&mut response, guid);
    with_preferences(&mut response, preferences);
    Ok(response)
}

/// It is accepted, and the caller does not wait. While the reseller is paused, it is told so: it asks again later.
fn promised(guid: TaskGuid, accepted: Accepted, paused: bool) -> Response {
    let deadline = accepted.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    let waits = if paused { ",\n        \"paused\": true" } else { "" };
    let body = format!(
        "{{\n    \"meta\": {{\n        \"task_guid\": \"{guid}\",\n        \"deadline\": \"{deadline}\"{waits}\n    \
         }}\n}}"
    );
    let mut response = respond(StatusCode::ACCEPTED, body);
    with_retry_after(&mut response, accept::look_again_s(paused));
    response
}

fn refused(not_written: NotWritten, guid: TaskGuid) -> Problem {
    let unavailable =
        |title: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, title).with_guid(guid);
    match not_written {
        NotWritten::Refused(plain) => plain.into(),
        NotWritten::Different => {
            let title = "This Idempotency-Key came with another request before: a key belongs to one \
                         request.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title).with_guid(guid)
        }
        NotWritten::Used(outcome) => {
            let title = used("This Idempotency-Key", outcome);
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{title}.")).with_guid(guid)
        }
        NotWritten::Busy | NotWritten::Unknown => unavailable(
            "The store did not confirm the request: it may be accepted or not; look at the payment \
             before you repeat it.",
        ),
        NotWritten::NotWaitedFor => unavailable(
            "The request was accepted, but its answer cannot be waited for here any longer: look at \
             the payment before you repeat it.",
        ),
    }
}
