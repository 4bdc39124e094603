//! JSON:API content negotiation.

use axum::http::{HeaderMap, StatusCode, header};

use super::error::Problem;
use crate::domain::money::shown;
use crate::protocols::activeplatform::wire::MEDIA_TYPE;

/// The body must say that it is JSON:API, with no parameter but `profile` and, as libraries add it, `charset=utf-8`.
pub(super) fn content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().unwrap_or("not readable"));
    if kind.is_some_and(is_ours) {
        return Ok(());
    }
    let message = kind.map_or("missing".to_owned(), |kind| format!("{:?}", shown(kind)));
    let title = format!(
        "The Content-Type is {message}: it must be {MEDIA_TYPE}, without parameters \
         other than charset=utf-8 and profile."
    );
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, title))
}

/// The caller must accept JSON:API; one that says nothing does.
pub(super) fn acceptable(headers: &HeaderMap) -> Result<(), Problem> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    let accepted = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(accepts);
    if accepted {
        return Ok(());
    }
    let title = format!("The header Accept must allow {MEDIA_TYPE}, without parameters.");
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, title))
}

/// Whether a `Content-Type` is JSON:API.
pub fn is_ours(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case(MEDIA_TYPE)
        && parts.all(|part| name(part).eq_ignore_ascii_case("profile") || is_utf_8(part))
}

/// Every JSON text is UTF-8: a caller that says so says nothing new.
fn is_utf_8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    name.trim().eq_ignore_ascii_case("charset")
        && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Whether a range of `Accept` allows JSON:API.
pub fn accepts(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let (weights, others): (Vec<&str>, Vec<&str>) =
        parts.partition(|part| name(part).eq_ignore_ascii_case("q"));
    let refused = weights.iter().any(|weight| {
        let value = weight.split_once('=').map_or("", |(_, value)| value.trim());
        value.starts_with('0') && value.bytes().all(|byte| byte == b'0' || byte == b'.')
    });
    let matches = match essence {
        "*/*" | "application/*" => true,
        essence => {
            essence.eq_ignore_ascii_case(MEDIA_TYPE)
                && others.iter().all(|part| name(part).eq_ignore_ascii_case("profile"))
        }
    };
    matches && !refused
}

fn name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn only_json_api_is_a_body() {
        for (kind, good) in [
            ("application/vnd.api+json", true),
            ("Application/VND.api+json; profile=\"x\"", true),
            ("application/vnd.api+json; charset=utf-8", true),
            ("application/vnd.api+json;charset=\"UTF-8\"; profile=\"x\"", true),
            ("application/vnd.api+json; charset=utf-16", false),
            ("application/vnd.api+json; charset", false),
            ("application/vnd.api+json; ext=\"x\"", false),
            ("application/json; charset=utf-8", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(content_type(&with(header::CONTENT_TYPE, kind)).is_ok(), good, "{kind}");
        }
        assert!(content_type(&HeaderMap::new()).is_err());
    }

    #[test]
    fn json_api_is_an_answer_for_who_accepts_it() {
        for (range, good) in [
            ("application/vnd.api+json", true),
            ("text/html, application/vnd.api+json;q=0.5", true),
            ("application/vnd.api+json; ext=x, application/vnd.api+json", true),
            ("*/*", true),
            ("application/*;q=0.1", true),
            ("application/vnd.api+json; charset=utf-8", false),
            ("application/vnd.api+json;q=0", false),
            ("*/*;q=0.0", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(acceptable(&with(header::ACCEPT, range)).is_ok(), good, "{range}");
        }
        assert!(acceptable(&HeaderMap::new()).is_ok());
    }
}
