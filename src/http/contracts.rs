//! The contracts, served: documents and a page to read them with. Nothing here needs a token or the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};

use super::doors::{self, Doors};
use crate::contracts::{self, ASYNCAPI, OPENAPI};
use crate::engine::app::App;
use crate::surface::ProtocolList;

/// Where the page is.
pub const DOCS: &str = "/docs";

/// The page. Everything it loads is served here; the links are relative, for proxies that add a path.
const PAGE: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsa</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({ url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
</script>
</body>
</html>
"##;

type Documents = Arc<BTreeMap<String, Bytes>>;

/// The routes; the documents are those of this installation.
pub(super) fn routes(app: &Arc<App>, list: &'static ProtocolList) -> Router {
    let documents = contracts::documents(list, &app.settings.amqp.prefix).into_iter();
    let documents: Documents =
        Arc::new(documents.map(|(path, text)| (path, Bytes::from(text))).collect());
    let assets = generate_routes(ApiDefinition {
        uri_prefix: "/docs/assets",
        api_definition: OpenApiSource::Uri("/openapi.json"),
        title: Some("wsa"),
    });
    Router::new()
        .route(&format!("/{OPENAPI}"), get(|State(all): State<Documents>| one(all, OPENAPI)))
        .route(&format!("/{ASYNCAPI}"), get(|State(all): State<Documents>| one(all, ASYNCAPI)))
        .route(
            "/schemas/{name}",
            get(schema).with_state((Arc::clone(&documents), Doors { app: Arc::clone(app), list })),
        )
        .route(DOCS, get(async || Html(PAGE)))
        .with_state(documents)
        .merge(assets)
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
