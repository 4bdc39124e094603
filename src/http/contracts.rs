//! The contracts, served: documents and a page to read them with. Nothing here needs a token or the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use super::doors::{self, Doors};
use super::page;
use crate::contracts::{self, ASYNCAPI, CLIENTS, OPENAPI};
use crate::engine::app::App;
use crate::surface::ProtocolList;

type Documents = Arc<BTreeMap<String, Bytes>>;

/// The routes; the documents are those of this installation.
pub(super) fn routes(app: &Arc<App>, list: &'static ProtocolList) -> Router {
    let documents = contracts::documents(list, &app.settings.amqp.prefix).into_iter();
    let documents: Documents =
        Arc::new(documents.map(|(path, text)| (path, Bytes::from(text))).collect());
    Router::new()
        .route(&format!("/{OPENAPI}"), get(|State(all): State<Documents>| one(all, OPENAPI)))
        .route(&format!("/{CLIENTS}"), get(|State(all): State<Documents>| one(all, CLIENTS)))
        .route(&format!("/{ASYNCAPI}"), get(|State(all): State<Documents>| one(all, ASYNCAPI)))
        .route(
            "/schemas/{name}",
            get(schema).with_state((Arc::clone(&documents), Doors { app: Arc::clone(app), list })),
        )
        .merge(page::routes())
        .with_state(documents)
        .method_not_allowed_fallback(async move |method, uri| {
            doors::no_such_method(list, &method, &uri)
        })
}

async fn one(documents: Documents, path: &'static str) -> Response {
    document(&documents, path).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

async fn schema(
    State((documents, doors)): State<(Documents, Doors)>,
    Path(name): Path<String>,
    uri: Uri,
) -> Response {
    match document(&documents, &format!("schemas/{name}")) {
        Some(found) => found,
        None => doors::no_such_path(State(doors), uri).await,
    }
}

fn document(documents: &Documents, path: &str) -> Option<Response> {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    Some((StatusCode::OK, kind, documents.get(path)?.clone()).into_response())
}
