//! POST, PATCH and DELETE: from a request to an accepted task, and to its answer.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::queries::{no_order, widened};
use super::{Api, Caller, authenticate, finish, respond};
use crate::domain::task::{Accepted, NewTask, ObjectId, RequestDigest, TaskGuid, TaskKey};
use crate::engine::protocol::used;
use crate::protocols::ticketscloud::command::{Changes, Transition, Which};
use crate::protocols::ticketscloud::hex_id::{OrderId, PartnerId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::parameters::{self, Given, Place};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::sql::access::Placed;
use crate::protocols::ticketscloud::wire::fields::Schema;
use crate::protocols::ticketscloud::wire::{
    CHANGE_ORDER, CREATE_ORDER, DELETE_ORDER, answer, request, wide,
};
use crate::web::accept;
use crate::web::accept::{NotWritten, Written, with_preferences};
use crate::web::prefer::Preferences;
use crate::web::problem::{with_guid, with_retry_after};
use crate::web::request::{idempotency_key, read_body};

type PathId = Result<Path<String>, PathRejection>;

/// The handler of POST.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        partner = Some(caller.partner);
        let form = Form::read(&parameters::WRITE, query)?;
        let body = read_body(&api.app, &headers, body).await?;
        let asked = new(&api, &caller, &body, form).await?;
        carry_out(&api, &caller, &headers, CREATE_ORDER, asked).await
    };
    let answered = answered.await;
    finish(&api, CREATE_ORDER, started, partner, answered)
}

/// The handler of PATCH.
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    path: PathId,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        partner = Some(caller.partner);
        let form = Form::read(&parameters::WRITE, query)?;
        let (order, placed) = own(&api, caller.partner, path).await?;
        let body = read_body(&api.app, &headers, body).await?;
        let (changes, status) =
            request::read_change_of(&body, order, placed.event).map_err(Problem::bad)?;
        let digest = form.digest(&[CHANGE_ORDER, &order.to_string(), &body]);
        let asked = stored(&api, caller.partner, (order, placed), (changes, status), (form, digest));
        carry_out(&api, &caller, &headers, CHANGE_ORDER, asked).await
    };
    let answered = answered.await;
    finish(&api, CHANGE_ORDER, started, partner, answered)
}

/// The handler of DELETE.
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    path: PathId,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        partner = Some(caller.partner);
        let form = Form::read(&parameters::DELETE, query)?;
        let found = own(&api, caller.partner, path).await?;
        let canceled = (Changes::default(), Some(OrderStatus::Canceled));
        let digest = form.digest(&[DELETE_ORDER, &found.0.to_string()]);
        let asked = stored(&api, caller.partner, found, canceled, (form, digest));
        carry_out(&api, &caller, &headers, DELETE_ORDER, asked).await
    };
    let answered = answered.await;
    finish(&api, DELETE_ORDER, started, partner, answered)
}

/// A request that may become a task.
struct Asked {
    object: ObjectId,
    /// The order, when it is there: it has one change in work at most.
    subject: Option<String>,
    transition: Transition,
    digest: RequestDigest,
    form: Form,
}

/// How the answer of a write is shown.
struct Form {
    /// What of it, and the text that said so.
    schema: Option<(Schema, String)>,
}

impl Form {
    fn read(place: &Place, query: Option<String>) -> Result<Form, Problem> {
        let given = Given::read(place, &query.unwrap_or_default()).map_err(Problem::bad)?;
        let schema = given.schema(wide::ORDER).map_err(Problem::bad)?;
        let text = given.text("fields-schema").unwrap_or_default().to_owned();
        Ok(Form { schema: schema.map(|schema| (schema, text)) })
    }

    /// Another form makes another request of it.
    fn digest(&self, parts: &[&str]) -> RequestDigest {
        let form = self.schema.iter().map(|(_, text)| text.as_str());
        RequestDigest::of(parts.iter().copied().chain(form))
    }

    fn is_wide(&self) -> bool {
        self.schema.is_some()
    }

    /// The answer of a task as it goes out.
    async fn show(&self, api: &Api, status: StatusCode, body: String) -> Result<String, Problem> {
        let Some((schema, _)) = self.schema.as_ref().filter(|_| status.is_success()) else {
            return Ok(body);
        };
        let order = serde_json::from_str(&body).unwrap_or_default();
        let mut shown = widened(Tables::of(&api.app.store), schema, vec![order]).await?;
        Ok(shown.pop().unwrap_or_default().to_string())
    }
}

async fn new(api: &Api, caller: &Caller, body: &str, form: Form) -> Result<Asked, Problem> {
    let (event, changes) = request::read_create(body).map_err(Problem::bad)?;
    let selling = api.partners.selling(caller.partner, event).await?;
    let selling = selling.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, format!("There is no event {event}."))
    })?;
    if !selling.may {
        let error = format!("Event {event} is somebody else's, and you have no deal to sell it.");
        return Err(Problem::new(StatusCode::FORBIDDEN, error));
    }
    let settings = &api.settings;
    let which = Which::New { deal: selling.deal, reserve_s: settings.reserve_s };
    let (partner, payment_s) = (caller.partner, settings.payment_s);
    let wide = form.is_wide();
    let transition = Transition { partner, which, changes, status: None, payment_s, wide };
    let digest = form.digest(&[CREATE_ORDER, body]);
    Ok(Asked { object: selling.object, subject: None, transition, digest, form })
}

/// The order of a path and its event; somebody else's is as good as none.
async fn own(api: &Api, partner: PartnerId, path: PathId) -> Result<(OrderId, Placed), Problem> {
    let order = path.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(no_order)?;
    let placed = api.partners.placed(order).await?;
    let placed = placed.filter(|placed| placed.partner == partner).ok_or_else(no_order)?;
    Ok((order, placed))
}

fn stored(
    api: &Api,
    partner: PartnerId,
    (order, placed): (OrderId, Placed),
    (changes, status): (Changes, Option<OrderStatus>),
    (form, digest): (Form, RequestDigest),
) -> Asked {
    let payment_s = api.settings.payment_s;
    let which = Which::Stored(order);
    let wide = form.is_wide();
    let transition = Transition { partner, which, changes, status, payment_s, wide };
    Asked { object: placed.object, subject: Some(order.to_string()), transition, digest, form }
}

async fn carry_out(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    task_type: &'static str,
    asked: Asked,
) -> Result<Response, Problem> {
    let (app, aggregator) = (&*api.app, &caller.aggregator);
    let key = idempotency_key(headers)?;
    let named = key.is_some();
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(aggregator.salt, &key));
    let preferences = Preferences::read(headers);
    let request = serde_json::to_string(&asked.transition)
        .map_err(|error| Problem::bad(format!("The request cannot be kept: {error}")))?;
    let key = (TaskKey { object: asked.object, guid }, named);
    let task = NewTask::of_request(key, aggregator.id, task_type, request, asked.digest);
    let task = NewTask { timeout_s: preferences.wait_s, subject: asked.subject, ..task };
    let mut response = match accept::write(app, aggregator, task, preferences).await {
        // The vendor's answer to DELETE has no body.
        Ok(Written::Answered { status: StatusCode::OK, .. }) if task_type == DELETE_ORDER => {
            StatusCode::OK.into_response()
        }
        Ok(Written::Answered { status, body }) => {
            respond(status, asked.form.show(api, status, body).await?)
        }
        Ok(Written::Promised(accepted)) => promised(guid, accepted),
        Err(not_written) => return Err(refused(not_written, guid)),
    };
    with_guid(&mut response, guid);
    with_preferences(&mut response, preferences);
    Ok(response)
}

/// It is accepted, and the caller does not wait.
fn promised(guid: TaskGuid, accepted: Accepted) -> Response {
    let deadline = answer::time(accepted.deadline);
    let body = format!("{{\"task_guid\":\"{guid}\",\"deadline\":\"{deadline}\"}}");
    let mut response = respond(StatusCode::ACCEPTED, body);
    with_retry_after(&mut response, 1);
    response
}

fn refused(not_written: NotWritten, guid: TaskGuid) -> Problem {
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
            let error = "An earlier change of this order is still being worked on.";
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
