//! The route of Echo: `POST /echo/{object}` with what is to be said.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use wsa::domain::task::{NewTask, ObjectId, RequestDigest, TaskGuid, TaskKey};
use wsa::engine::app::App;
use wsa::engine::protocol::used;
use wsa::engine::store::reference::Aggregator;
use wsa::surface::Contract;
use wsa::surface::contract::{Part, map};
use wsa::web::accept::{self, NotWritten, Written, with_preferences};
use wsa::web::json;
use wsa::web::prefer::Preferences;
use wsa::web::problem::with_guid;
use wsa::web::problem::{self, Form};
use wsa::web::request::{idempotency_key, read_bytes};

use super::{Echo, SAY, Say, sql};

/// The longest text, in bytes.
const LONGEST: usize = 100;

/// `{"error": ...}`
#[derive(Debug)]
pub(super) struct Error;

type Problem = problem::Problem<Error>;

impl Form for Error {
    fn respond(status: StatusCode, told: String) -> Response {
        json(status, json!({"error": told}).to_string())
    }
}

pub(super) const CONTRACT: Contract = Contract::of(|| Part {
    tags: vec![("echo", "Echo: says back what is said")],
    paths: map(json!({"/echo/{object}": {"post": {
        "operationId": "say", "tags": ["echo"], "responses": {"200": {"description": "It was said"}},
    }}})),
    ..Part::default()
});

pub(super) fn routes(app: &Arc<App>) -> Router {
    Router::new()
        .route("/echo/{object}", post(say).fallback(no_such_path_here))
        .with_state(Arc::clone(app))
        .layer(DefaultBodyLimit::disable())
}

pub(super) fn no_such_path(uri: &Uri) -> Response {
    let told = format!("there is nothing at {}: say something by POST to /echo/OBJECT", uri.path());
    Problem::new(StatusCode::NOT_FOUND, told).into_response()
}

async fn no_such_path_here(uri: Uri) -> Response {
    no_such_path(&uri)
}

async fn say(
    State(app): State<Arc<App>>,
    Path(object): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    say_it(&app, &object, &headers, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn say_it(
    app: &App,
    object: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let caller = caller(app, headers).await?;
    let unavailable = |_| Problem::unavailable("the store cannot be reached at the moment");
    let own = sql::object(&app.store, caller.id).await.map_err(unavailable)?;
    let object: Option<ObjectId> = object.parse().ok();
    let object = object
        .filter(|object| own == Some(*object))
        .ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "you may not speak at this object"))?;
    let text = String::from_utf8(read_bytes(app, headers, body).await?)
        .map_err(|_| Problem::bad("the body is no UTF-8: it must be a text"))?;
    if text.is_empty() || text.len() > LONGEST {
        let told = format!("the body has {} bytes: it must have 1 to {LONGEST}", text.len());
        return Err(Problem::bad(told));
    }
    let key = idempotency_key(headers)?;
    let named = key.is_some();
    let guid = key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(caller.salt, &key));
    let preferences = Preferences::read(headers);
    let digest = RequestDigest::of([SAY, &*object.to_string(), &*text]);
    let request = serde_json::to_string(&Say { text })
        .map_err(|error| Problem::bad(format!("the text cannot be kept: {error}")))?;
    let key = (TaskKey { object, guid }, named);
    let task = NewTask::of_request(key, caller.id, SAY, request, digest);
    let task = NewTask { timeout_s: preferences.wait_s, ..task };
    let mut response = match accept::write(app, &caller, task, preferences).await {
        Ok(Written::Answered { status, body }) => json(status, body),
        Ok(Written::Promised(_)) => json(StatusCode::ACCEPTED, json!({"task": guid}).to_string()),
        Err(not_written) => return Err(refused(not_written).with_guid(guid)),
    };
    with_guid(&mut response, guid);
    with_preferences(&mut response, preferences);
    Ok(response)
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Aggregator, Problem> {
    let failed =
        || Problem::new(StatusCode::UNAUTHORIZED, "the header X-Echo-Token holds no known token");
    let token =
        headers.get("x-echo-token").and_then(|token| token.to_str().ok()).ok_or_else(failed)?;
    let caller = app.callers.find::<Echo>(token).await?.ok_or_else(failed)?;
    match app.rates.check(caller.id, caller.requests_per_s) {
        Ok(()) => Ok(caller),
        Err(exceeded) => Err(Problem::limited(app, &exceeded)),
    }
}

fn refused(not_written: NotWritten) -> Problem {
    let different =
        || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "this key came with another text");
    let unknown = |told: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, told);
    match not_written {
        NotWritten::Refused(plain) => plain.into(),
        NotWritten::Different => different(),
        NotWritten::Used(outcome) => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, used("this key", outcome))
        }
        NotWritten::Busy | NotWritten::Unknown => {
            unknown("it is not known whether it was accepted")
        }
        NotWritten::NotWaitedFor => unknown("it was accepted, and cannot be waited for here"),
    }
}
