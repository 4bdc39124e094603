//! GET: who calls, what is asked for, what there is.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use serde_json::Value;

use super::error::Problem;
use super::{Api, authenticate, error, finish, respond};
use crate::database::StoreError;
use crate::protocols::ticketscloud::hex_id::PartnerId;
use crate::protocols::ticketscloud::parameters::{Given, Place};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::wire::fields::Schema;

/// An answer, or why there is none.
pub(super) type Refused<T> = Result<T, Problem>;

/// A read that its caller may ask for.
pub(super) struct Asked {
    pub(super) api: Arc<Api>,
    pub(super) partner: PartnerId,
    /// The parameters, every one of them known.
    pub(super) given: Given,
    ids: Vec<String>,
}

impl Asked {
    /// The id at this place of the path; what is no id is nothing.
    pub(super) fn id<T: FromStr>(&self, at: usize, what: &str) -> Refused<T> {
        self.ids.get(at).and_then(|id| id.parse().ok()).ok_or_else(|| none(what))
    }

    pub(super) fn tables(&self) -> Tables<'_> {
        Tables::of(&self.api.app.store)
    }

    /// What is to be shown of an answer.
    pub(super) fn schema(&self, known: &str) -> Refused<Option<Schema>> {
        self.given.schema(known).map_err(Problem::bad)
    }
}

/// The handler of GET at a place; another method is refused.
pub(super) fn reading<F, A>(
    what: &'static str,
    place: &'static Place,
    answer: F,
) -> MethodRouter<Arc<Api>>
where
    F: Fn(Asked) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Refused<Value>> + Send,
{
    only_reading(what, place, answer)
        .fallback(async |method: Method| error::no_such_method(&method, "GET", "GET, HEAD"))
}

/// The same, where there are other methods beside it.
pub(super) fn only_reading<F, A>(
    what: &'static str,
    place: &'static Place,
    answer: F,
) -> MethodRouter<Arc<Api>>
where
    F: Fn(Asked) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Refused<Value>> + Send,
{
    type Ids = Result<Path<Vec<String>>, PathRejection>;
    get(
        async move |State(api): State<Arc<Api>>,
                    ids: Ids,
                    RawQuery(query): RawQuery,
                    headers: HeaderMap|
                    -> Response {
            let (started, mut partner) = (Instant::now(), None);
            let answered = async {
                let caller = authenticate(&api, &headers).await?;
                partner = Some(caller.partner);
                let query = query.unwrap_or_default();
                let given = Given::read(place, &query).map_err(Problem::bad)?;
                let ids = ids.map(|Path(ids)| ids).unwrap_or_default();
                let asked = Asked { api: Arc::clone(&api), partner: caller.partner, given, ids };
                Ok(respond(StatusCode::OK, answer(asked).await?.to_string()))
            };
            let answered = answered.await;
            finish(&api, what, started, partner, answered)
        },
    )
}

/// What is somebody else's, and what is nothing.
pub(super) fn none(what: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("There is no such {what}."))
}

pub(super) fn unreachable(error: StoreError) -> Problem {
    tracing::warn!("the store could not be read: {}", crate::database::error::chain(&error));
    Problem::unavailable("the store cannot be reached at the moment")
}
