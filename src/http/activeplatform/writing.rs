//! PATCH and POST: from a request to an accepted task, and to its answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::error::Refused as Plain;
use super::super::submit;
use super::error::{Refused, with_guid};
use super::prefer::Preferences;
use super::{authenticate, authorise, media, no_payment, parts, respond};
use crate::app::App;
use crate::batcher::BatchError;
use crate::intake::IntakeError;
use crate::protocol::activeplatform::answer::Stored;
use crate::protocol::activeplatform::{COMPLETE_BY_DOCUMENT, COMPLETE_PAYMENT, request};
use crate::store::Registration;
use crate::store::reference::Aggregator;
use crate::task::activeplatform::{Complete, Which};
use crate::task::{Accepted, NewTask, ObjectId, TaskGuid, TaskKey};

type Parts = Result<Path<(String, String)>, PathRejection>;

/// The handler of PATCH.
pub(super) async fn by_id(
    State(app): State<Arc<App>>,
    path: Parts,
    headers: HeaderMap,
    body: Body,
) -> Response {
    handle(&app, COMPLETE_PAYMENT, path, &headers, body).await
}

/// The handler of POST.
pub(super) async fn by_document(
    State(app): State<Arc<App>>,
    path: Parts,
    headers: HeaderMap,
    body: Body,
) -> Response {
    handle(&app, COMPLETE_BY_DOCUMENT, path, &headers, body).await
}

async fn handle(
    app: &App,
    task_type: &'static str,
    path: Parts,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let started = std::time::Instant::now();
    let answered = match read(app, task_type, path, headers, body).await {
        Ok(asked) => complete(app, asked).await,
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
    task_type: &'static str,
    request: Arc<str>,
    preferences: Preferences,
}

async fn read(
    app: &App,
    task_type: &'static str,
    path: Parts,
    headers: &HeaderMap,
    body: Body,
) -> Result<Asked, Refused> {
    let caller = authenticate(app, headers).await?;
    media::content_type(headers)?;
    media::acceptable(headers)?;
    let (reseller, payment) = parts(path)?;
    let (reseller, access) = authorise(app, &caller, &reseller).await?;
    if !access.role.completes() {
        let title = format!("A manager with the role {} may not complete payments.", access.role);
        return Err(Refused::new(StatusCode::FORBIDDEN, title));
    }
    let which = match task_type {
        COMPLETE_PAYMENT => request::path_id(&payment).map(Which::Payment),
        _ => request::is_name(&payment).then_some(Which::Document(payment)),
    };
    let which = which.ok_or_else(no_payment)?;
    let key = submit::idempotency_key(headers)?;
    let body = submit::read_body(app, headers, body).await?;
    let attributes = request::read(&body).map_err(|bad| {
        let status = StatusCode::from_u16(bad.status).unwrap_or(StatusCode::BAD_REQUEST);
        Refused::new(status, bad.title)
    })?;
    // By id there is no amount to compare: the payment is paid as it is.
    let by_document = task_type == COMPLETE_BY_DOCUMENT;
    let amount = attributes.amount().filter(|_| by_document);
    let complete = Complete {
        which,
        method: attributes.payment_method_id,
        manager: access.manager,
        amount,
        currency: attributes.currency_code.filter(|_| by_document),
        transaction: attributes.external_transaction_id.filter(|_| by_document),
        offset: app.settings.activeplatform.utc_offset,
    };
    let request = serde_json::to_string(&complete).map_err(|error| {
        Refused::new(StatusCode::BAD_REQUEST, format!("The request cannot be kept: {error}"))
    })?;
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(caller.salt, &key));
    let preferences = Preferences::read(headers);
    Ok(Asked { caller, reseller, guid, task_type, request: request.into(), preferences })
}

async fn complete(app: &App, asked: Asked) -> Result<Response, Refused> {
    let Asked { caller, reseller, guid, task_type, request, preferences } = asked;
    let task = NewTask {
        key: TaskKey { object: reseller, guid },
        aggregator: caller.id,
        task_type,
        timeout_s: preferences.wait_s,
        request,
        // Nobody but this request is told the answer, also when it does not wait.
        sync: true,
        reply_to: None,
        correlation_id: None,
    };
    let accepted = match app.intake.accept(task).await.map_err(|error| lost(app, error, guid))? {
        Registration::Accepted(accepted) | Registration::Repeated(accepted) => accepted,
        Registration::Different => {
            let title = "This Idempotency-Key came with another request before: a key belongs to one \
                         request.";
            return Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, title).with_guid(guid));
        }
        Registration::NoLicence | Registration::GuidTaken => {
            let error = Plain::unavailable("the task could not be given a guid");
            return Err(error.into());
        }
    };
    tracing::debug!(task.guid = %guid, object.id = %reseller, task_type, "accepted task {guid}");
    let mut response = match preferences.respond_async {
        true => promised(guid, accepted),
        false => answered(app, &caller, guid, accepted).await?,
    };
    with_guid(&mut response, guid);
    if let Some(Ok(applied)) = preferences.applied().map(|text| HeaderValue::from_str(&text)) {
        response.headers_mut().insert("preference-applied", applied);
    }
    Ok(response)
}

/// The answer, as the task left it.
async fn answered(
    app: &App,
    caller: &Aggregator,
    guid: TaskGuid,
    accepted: Accepted,
) -> Result<Response, Refused> {
    let unavailable = |title: &str| Refused::new(StatusCode::SERVICE_UNAVAILABLE, title);
    let text = submit::wait(app, caller, guid, accepted).await.map_err(|_| {
        let title = "The request was accepted, but its answer cannot be waited for here any longer: \
                     look at the payment before you repeat it.";
        unavailable(title).with_guid(guid)
    })?;
    let stored: Stored<'_> = serde_json::from_str(&text)
        .map_err(|_| unavailable("The answer cannot be read.").with_guid(guid))?;
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(respond(status, stored.body.get().to_owned()))
}

/// It is accepted, and the caller does not wait.
fn promised(guid: TaskGuid, accepted: Accepted) -> Response {
    let deadline = accepted.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    let body = format!(
        "{{\n    \"meta\": {{\n        \"task_guid\": \"{guid}\",\n        \"deadline\": \"{deadline}\"\n    \
         }}\n}}"
    );
    let mut response = respond(StatusCode::ACCEPTED, body);
    response.headers_mut().insert(header::RETRY_AFTER, 1_u64.into());
    response
}

fn lost(app: &App, error: IntakeError, guid: TaskGuid) -> Refused {
    match &error {
        IntakeError::Full(exceeded) => Plain::limited(app, exceeded).into(),
        IntakeError::Batch(BatchError::Full) => Plain::from(error).into(),
        IntakeError::Store(_) | IntakeError::Batch(BatchError::GivenUp) => {
            let title = "The store did not confirm the request: it may be accepted or not; look at the \
                         payment before you repeat it.";
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, title).with_guid(guid)
        }
    }
}
