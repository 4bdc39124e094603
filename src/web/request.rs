//! What is read of a request whatever its protocol: the name that its caller gave it, and its body.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::time::timeout;

use super::problem::Problem;
use crate::engine::app::App;

/// The longest `Idempotency-Key`, in characters.
pub const LONGEST_KEY: usize = 255;

/// The caller's own name for a task: submitted twice, it is the same task.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    const HEADER: &str = "Idempotency-Key";
    let bad = |rule: &str| Err(Problem::bad(format!("the header {HEADER} {rule}")));
    let mut values = headers.get_all(HEADER).iter();
    let Some(key) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return bad("was sent more than once; send exactly one");
    }
    match key.to_str().map(str::trim) {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        Ok(key) => bad(&format!("has {} characters: it must have 1 to {LONGEST_KEY}", key.len())),
        Err(_) => bad("has other characters than visible ASCII"),
    }
}

/// A body of JSON, in UTF-8.
pub async fn read_body(app: &App, headers: &HeaderMap, body: Body) -> Result<String, Problem> {
    read_body_up_to(app, headers, body, app.settings.http.body_limit).await
}

/// The same where a body may have so many bytes, whatever is set for others.
pub async fn read_body_up_to(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<String, Problem> {
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        let kind = kind.to_str().unwrap_or("not readable");
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            let kind = crate::domain::money::shown(kind);
            return Err(Problem::bad(format!(
                "Content-Type is {kind:?}: it must be application/json"
            )));
        }
    }
    String::from_utf8(read_bytes_up_to(app, headers, body, limit).await?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::bad(format!("the body is not UTF-8 from byte {at} on: it must be JSON in UTF-8"))
    })
}

/// A body of any kind, within the limits of size and time.
pub async fn read_bytes(app: &App, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    read_bytes_up_to(app, headers, body, app.settings.http.body_limit).await
}

async fn read_bytes_up_to(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<u8>, Problem> {
    let settings = &app.settings.http;
    let too_large = || {
        let message = format!("the body is larger than {limit} bytes, the most that is accepted");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse().ok());
    if declared.is_some_and(|declared: usize| declared > limit) {
        return Err(too_large());
    }
    let patience = Duration::from_millis(settings.body_timeout_ms);
    let bytes = timeout(patience, to_bytes(body, limit))
        .await
        .map_err(|_| {
            let message = format!("the body did not arrive within {} ms", settings.body_timeout_ms);
            Problem::new(StatusCode::REQUEST_TIMEOUT, message)
        })?
        .map_err(|error| {
            let error = error.into_inner();
            match error.is::<http_body_util::LengthLimitError>() {
                true => too_large(),
                false => Problem::bad(format!("the body could not be read: {error}")),
            }
        })?;
    Ok(bytes.into())
}
