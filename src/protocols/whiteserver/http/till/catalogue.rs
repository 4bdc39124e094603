//! What the restaurant offers, as its own system reads it and loads it.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::Problem;
use super::{Api, authenticate, finish};
use crate::protocols::whiteserver::catalogue::{self, LARGEST, Mistakes};
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::catalogues::{Loading, StoredCatalogue};
use crate::runtime::environment::blocking;
use crate::web::request::read_body_up_to;

/// The handler of GET of the catalogue.
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let started = Instant::now();
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let stored = Tables::of(&api.app.store).catalogue(caller.object).await?;
        let (version, loaded_at, document) = match &stored {
            Some(StoredCatalogue { version, loaded_at, document }) => {
                (*version, Some(*loaded_at), document.to_value())
            }
            None => (0, None, json!({})),
        };
        let body = json!({"version": version, "loadedAt": loaded_at, "catalogue": document});
        Ok((StatusCode::OK, body.to_string()))
    };
    let answered = answered.await;
    finish(&api, "till.GetCatalogue", started, answered)
}

/// The handler of PATCH of the catalogue: the sections that are named are replaced, all of them or none.
pub(super) async fn load(State(api): State<Arc<Api>>, headers: HeaderMap, body: Body) -> Response {
    let started = Instant::now();
    let loaded = async {
        let caller = authenticate(&api, &headers).await?;
        let text = read_body_up_to(&api.app, &headers, body, LARGEST).await?;
        // A large document is read where nobody else waits for this thread.
        let read = blocking(move || catalogue::read(&text)).await;
        let part = match read {
            Ok(Ok(part)) => part,
            Ok(Err(mistakes)) => return Ok(Err(mistakes)),
            Err(_) => return Err(Problem::unavailable("the document could not be read")),
        };
        let loading = Tables::of(&api.app.store).load_catalogue(caller.object, &part).await?;
        Ok(match loading {
            Loading::Changed(stored, sections) => {
                let changed: Vec<&str> = sections.iter().map(|section| section.as_str()).collect();
                Ok(json!({"version": stored.version, "changed": changed}))
            }
            Loading::Unchanged(stored) => {
                Ok(json!({"version": stored.version, "changed": Value::Array(Vec::new())}))
            }
            Loading::Wrong(mistakes) => Err(mistakes),
        })
    };
    let answered = match loaded.await {
        Ok(Ok(told)) => Ok((StatusCode::OK, told.to_string())),
        Ok(Err(mistakes)) => {
            let problem = Problem::new(Code::BadRequest, NOTHING_LOADED);
            api.app.metrics.request(LOAD, problem.result(), started.elapsed());
            return wrong(&mistakes);
        }
        Err(problem) => Err(problem),
    };
    finish(&api, LOAD, started, answered)
}

const LOAD: &str = "till.LoadCatalogue";
const NOTHING_LOADED: &str = "the catalogue would be wrong, so nothing was loaded: see mistakes";

/// Every mistake, with its place.
fn wrong(mistakes: &Mistakes) -> Response {
    let error = json!({"error": {
        "code": Code::BadRequest.as_str(),
        "message": NOTHING_LOADED,
        "mistakes": mistakes.told(),
    }});
    crate::web::json(StatusCode::BAD_REQUEST, error.to_string()).into_response()
}
