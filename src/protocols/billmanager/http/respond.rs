//! Writing answers, and those of what is no request at all.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::BILLMGR;
use crate::domain::money::shown;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::protocols::billmanager::command::{Fault, FaultKind};
use crate::protocols::billmanager::settings::BillManagerSettings;
use crate::protocols::billmanager::wire::document::Out;
use crate::protocols::billmanager::wire::params::Params;
use crate::protocols::billmanager::wire::{answer, document};

/// An answer as it goes out.
pub(super) fn respond(
    status: StatusCode,
    media_type: &'static str,
    body: String,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, media_type)], body).into_response();
    let headers = response.headers_mut();
    // Answers to GET are of the moment, and some are of one caller alone.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after_s {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    // A guid is plain text.
    if let Some(Ok(guid)) = guid.map(|guid| guid.to_string().parse()) {
        headers.insert("x-task-guid", guid);
    }
    response
}

/// The answer of a path that is no route.
pub(crate) fn no_such_path(app: &App, uri: &Uri) -> Response {
    let path = shown(uri.path());
    let (ru, en) = (format!("По адресу {path} ничего нет"), format!("There is nothing at {path}"));
    let fault = Fault::new(FaultKind::Missed, "path", ru, en);
    match app.settings.section() {
        Ok(settings) => outright(settings, uri, StatusCode::NOT_FOUND, &fault),
        // Without its section the protocol has no routes either.
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The answer to another method than GET and POST.
pub(super) async fn no_such_method(
    State(settings): State<Arc<BillManagerSettings>>,
    method: Method,
    uri: Uri,
) -> Response {
    let ru = format!("{method} здесь не принимается: нужен GET или POST");
    let en = format!("{method} is not accepted here: GET and POST are");
    let fault = Fault::new(FaultKind::Value, "method", ru, en);
    let mut response = outright(&settings, &uri, StatusCode::METHOD_NOT_ALLOWED, &fault);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

/// A refusal before anything is read but how to write it.
fn outright(
    settings: &BillManagerSettings,
    uri: &Uri,
    status: StatusCode,
    fault: &Fault,
) -> Response {
    let params = Params::read(uri.query().unwrap_or_default(), "").unwrap_or_default();
    let out = params.get("out").and_then(|out| out.parse().ok()).unwrap_or(Out::Xml);
    let lang = params.get("lang").and_then(|lang| lang.parse().ok());
    let lang = lang.unwrap_or(settings.lang);
    let doc = document::doc(lang, "", &settings.host, BILLMGR);
    let body = document::write(&doc.child(answer::error(fault, lang)), out);
    respond(status, out.media_type(), body, None, None)
}
