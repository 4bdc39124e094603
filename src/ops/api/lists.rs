//! The other lists: what protocols keep, callers, callbacks, letters, operators, audits.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::params::Params;
use super::{Shared, ok, places};
use crate::domain::task::ObjectId;
use crate::engine::store::callbacks::replaying::{ReplayFilter, Replayable as Kind};
use crate::engine::store::dead_letters::LetterFilter;
use crate::ops::access::{Operator, Operators};
use crate::ops::problem::Problem;
use crate::ops::queries::page::{MOST, USUAL};
use crate::ops::queries::records::{self, RecordQuery};
use crate::ops::queries::{audits, callbacks, callers, letters, objects};
use crate::surface::shown::{Class, Find};

/// A list and a row of each class.
pub(super) fn records() -> Router<Shared> {
    Class::ALL.iter().fold(Router::new(), |router, class| {
        let class = *class;
        let list = move |operator: Operator, state: State<Shared>, uri: Uri| {
            listed(class, operator, state, uri)
        };
        let one = move |operator: Operator, state: State<Shared>, id: Path<String>, uri: Uri| {
            one(class, operator, state, id, uri)
        };
        router
            .route(&format!("/ops/v1/{class}"), get(list))
            .route(&format!("/ops/v1/{class}/{{id}}"), get(one))
    })
}

async fn listed(
    class: Class,
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::RECORDS, &uri)?;
    let all = [
        ("id", Find::Id),
        ("originalOrderId", Find::Original),
        ("order", Find::Order),
        ("task", Find::Task),
    ];
    let mut found = Vec::new();
    for (name, by) in all {
        found.extend(params.word(name)?.map(|text| (by, text)));
    }
    if found.len() > 1 {
        return Err(Problem::bad(
            "of id, originalOrderId, order and task one can be looked up at once",
        ));
    }
    let query = RecordQuery {
        protocol: params.word("protocol")?,
        object: params.get::<ObjectId>("object")?,
        find: found.pop(),
        amount: params.amounts()?,
        limit: params.number("limit", 1, MOST)?,
        cursor: params.word("cursor")?,
    };
    ok(&records::records(state.store(), state.list, class, &query).await?)
}

/// One row, with the payments of an order.
async fn one(
    class: Class,
    _operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    let record = records::record(state.store(), state.list, class, &id).await?;
    let payments = match class {
        Class::Order => Some(records::payments_of(state.store(), state.list, &record).await?),
        _ => None,
    };
    match payments {
        Some(payments) => ok(&json!({"order": record, "payments": payments})),
        None => ok(&record),
    }
}

/// Paused objects.
pub(super) async fn pauses(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&json!({"items": objects::paused(state.store()).await?}))
}

/// Callers.
pub(super) async fn callers(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&json!({"items": callers::callers(state.store()).await?}))
}

/// Callbacks.
pub(super) async fn callbacks(
    operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&json!({"items": callbacks::callbacks(state.store(), &operator).await?}))
}

/// Attempts to post to one.
pub(super) async fn attempts(
    operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::ATTEMPTS, &uri)?;
    let failed = params.get("failed")?.unwrap_or(false);
    let most = params.number("limit", 1, MOST)?.unwrap_or(USUAL);
    let found = callbacks::attempts(state.store(), &operator, number(&id)?, failed, most).await?;
    ok(&json!({"items": found}))
}

/// How much can be posted once more.
pub(super) async fn replayable(
    _operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::REPLAYABLE, &uri)?;
    let (_, count) =
        callbacks::replayable(state.store(), number(&id)?, &replay_filter(&params)?).await?;
    ok(&json!({"answers": count.answers, "events": count.events, "total": count.total()}))
}

/// Dead letters.
pub(super) async fn letters(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let filter = letter_filter(&Params::read(&places::LETTERS, &uri)?)?;
    ok(&json!({"items": letters::letters(state.store(), &filter).await?}))
}

/// One of them.
pub(super) async fn letter(
    _operator: Operator,
    State(state): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&letters::Letter::from(letters::letter(state.store(), number(&id)?).await?))
}

/// How many there are.
pub(super) async fn count_letters(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let filter = letter_filter(&Params::read(&places::LETTERS, &uri)?)?;
    ok(&json!({"letters": letters::matching(state.store(), &filter).await?.len()}))
}

/// Dead letters by their reasons.
pub(super) async fn reasons(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let filter = letter_filter(&Params::read(&places::LETTERS, &uri)?)?;
    ok(&json!({"items": letters::reasons(state.store(), &filter).await?}))
}

/// Operators.
pub(super) async fn operators(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&json!({"items": Operators::of(state.store()).all().await?}))
}

/// The last audits.
pub(super) async fn audits(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::AUDITS, &uri)?;
    let most = params.number("limit", 1, 100)?.unwrap_or(10);
    ok(&json!({"items": audits::audits(state.store(), most).await?}))
}

/// A number in a path.
pub(super) fn number(text: &str) -> Result<i64, Problem> {
    crate::domain::task::guid::whole(text).ok_or_else(|| {
        let shown = crate::domain::money::shown(text);
        Problem::bad(format!("{shown:?} is no number"))
    })
}

pub(super) fn letter_filter(params: &Params) -> Result<LetterFilter, Problem> {
    Ok(LetterFilter {
        id: None,
        object: params.get("object")?,
        guid: params.get("taskGuid")?,
        task_type: params.word("type")?,
        reason: params.word("reason")?,
        since: params.moment("from")?,
        until: params.moment("to")?,
        most: params.number("limit", 1, MOST)?.unwrap_or(USUAL),
    })
}

pub(super) fn replay_filter(params: &Params) -> Result<ReplayFilter, Problem> {
    let only = match params.word("only")?.as_deref() {
        None => None,
        Some("answers") => Some(Kind::Answer),
        Some("events") => Some(Kind::Event),
        Some(other) => {
            let shown = crate::domain::money::shown(other);
            return Err(Problem::bad(format!("only: {shown:?} is none of: answers, events")));
        }
    };
    Ok(ReplayFilter {
        subject: params.get("subject")?,
        since: params.moment("from")?,
        until: params.moment("to")?,
        object: params.get("object")?,
        order: params.get("order")?,
        only,
        undelivered: params.get("undelivered")?.unwrap_or(false),
    })
}
