//! What operators do. Every body is a JSON object with a `reason`; what is unknown in it is refused by name. What is
//! narrowed is narrowed by the parameters of the URL, as it was counted before.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::lists::{letter_filter, number, replay_filter};
use super::params::Params;
use super::{Shared, ok, places};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::journal::Via;
use crate::ops::access::{Operator, Role};
use crate::ops::actions::{Acting, audits, callbacks, callers, letters, objects, tasks};
use crate::ops::problem::Problem;
use crate::web::request::read_body;

/// Why, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    #[serde(default)]
    pub(super) reason: String,
}

/// Why, with the number that was counted before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    #[serde(default)]
    reason: String,
    expected: u64,
}

/// What comes with every action.
pub(super) type Ask = (HeaderMap, Body);

pub(super) async fn read<T: DeserializeOwned>(
    state: &Shared,
    (headers, body): Ask,
) -> Result<T, Problem> {
    let text = read_body(&state.app, &headers, body).await.map_err(Problem::from)?;
    serde_json::from_str(&text).map_err(|error| Problem::bad(format!("the body: {error}")))
}

pub(super) fn begin<'a>(
    state: &'a Shared,
    operator: &Operator,
    needed: Role,
    reason: &str,
) -> Result<Acting<'a>, Problem> {
    Acting::begin(state, (operator, Via::Api), needed, reason)
}

/// It is done, and there is nothing to say of it.
pub(super) fn done() -> Result<Response, Problem> {
    ok(&json!({"done": true}))
}

/// Shows a task with what is personal in it.
pub(super) async fn reveal_task(
    operator: Operator,
    State(state): State<Shared>,
    Path(guid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(tasks::REVEAL)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let acting = begin(&state, &operator, tasks::REVEAL, &reason)?;
    ok(&tasks::reveal(&acting, guid).await?)
}

/// Cancels an open task.
pub(super) async fn cancel_task(
    operator: Operator,
    State(state): State<Shared>,
    Path(guid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(tasks::CANCEL)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let acting = begin(&state, &operator, tasks::CANCEL, &reason)?;
    ok(&json!({"state": tasks::cancel(&acting, guid).await?.as_str()}))
}

/// Pauses an object.
pub(super) async fn pause(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(objects::ROLE)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let object: ObjectId = id.parse().map_err(Problem::bad)?;
    objects::pause(&begin(&state, &operator, objects::ROLE, &reason)?, object).await?;
    done()
}

/// Lets an object go on.
pub(super) async fn resume(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(objects::ROLE)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let object: ObjectId = id.parse().map_err(Problem::bad)?;
    objects::resume(&begin(&state, &operator, objects::ROLE, &reason)?, object).await?;
    done()
}

/// Gives a caller another token.
pub(super) async fn rotate_token(
    operator: Operator,
    State(state): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(callers::ROTATE)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, callers::ROTATE, &reason)?;
    ok(&json!({"name": name, "token": callers::rotate_token(&acting, &name).await?}))
}

/// Takes a licence away.
pub(super) async fn withdraw_licence(
    operator: Operator,
    State(state): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Licence {
        #[serde(default)]
        reason: String,
        object: ObjectId,
    }
    operator.require(callers::WITHDRAW)?;
    let Licence { reason, object } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, callers::WITHDRAW, &reason)?;
    callers::withdraw_licence(&acting, &name, object).await?;
    done()
}

/// Posts what passes the filter once more.
pub(super) async fn replay_callback(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(callbacks::SWITCH)?;
    let filter = replay_filter(&Params::read(&places::REPLAYABLE, &uri)?)?;
    let Counted { reason, expected } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, callbacks::SWITCH, &reason)?;
    ok(&callbacks::replay(&acting, number(&id)?, &filter, expected).await?)
}

/// Switches a callback on or off.
pub(super) async fn switch_callback(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Switch {
        #[serde(default)]
        reason: String,
        open: bool,
    }
    operator.require(callbacks::SWITCH)?;
    let Switch { reason, open } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, callbacks::SWITCH, &reason)?;
    callbacks::switch(&acting, number(&id)?, open).await?;
    done()
}

/// Gives a callback another secret.
pub(super) async fn rotate_secret(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Overlap {
        #[serde(default)]
        reason: String,
        #[serde(default = "a_day")]
        overlap_hours: i64,
    }
    fn a_day() -> i64 {
        24
    }
    operator.require(callbacks::ROTATE)?;
    let Overlap { reason, overlap_hours } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, callbacks::ROTATE, &reason)?;
    let id = number(&id)?;
    let secret = callbacks::rotate_secret(&acting, id, overlap_hours).await?;
    ok(&json!({"id": id, "secret": secret}))
}

/// Replays one dead letter.
pub(super) async fn replay_letter(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(letters::ROLE)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, letters::ROLE, &reason)?;
    ok(&letters::one(&acting, number(&id)?).await?)
}

/// Replays those that pass the filter.
pub(super) async fn replay_letters(
    operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(letters::ROLE)?;
    let filter = letter_filter(&Params::read(&places::LETTERS, &uri)?)?;
    let Counted { reason, expected } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, letters::ROLE, &reason)?;
    ok(&json!({"items": letters::matching(&acting, &filter, expected).await?}))
}

/// Runs an audit in the background.
pub(super) async fn run_audit(
    operator: Operator,
    State(state): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Run {
        #[serde(default)]
        reason: String,
        object: Option<ObjectId>,
    }
    operator.require(audits::ROLE)?;
    let Run { reason, object } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, audits::ROLE, &reason)?;
    ok(&json!({"id": audits::run(&acting, object).await?}))
}
