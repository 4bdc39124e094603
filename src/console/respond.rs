//! Answers as pages: with the policy of contents, kept by nobody, framed by nobody.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::html::plain;
use crate::ops::problem::Problem;
use crate::web::origin;

/// Everything comes from here, nothing is inline, and nothing frames it.
const POLICY: &str = "default-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What every answer says. A browser says where a form came from only when the policy of referrers lets it.
pub(super) async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Files say themselves how long they are kept.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What a handler comes to.
pub(super) type Answer = Result<Response, Failure>;

/// Why a page is not shown.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody is logged in: the form, which leads back to this path.
    LoggedOut(String),
    Problem(Problem),
}

impl<T: Into<Problem>> From<T> for Failure {
    fn from(problem: T) -> Failure {
        Failure::Problem(problem.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::LoggedOut(back) => {
                let back =
                    url::form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>();
                see(&format!("/login?back={back}"))
            }
            Failure::Problem(problem) => refused(&problem),
        }
    }
}

/// A page.
pub(super) fn page(content: &Markup) -> Response {
    Html(content.clone().into_string()).into_response()
}

/// A page that says what is wrong.
pub(super) fn refused(problem: &Problem) -> Response {
    let title = match problem.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::UNAUTHORIZED => "Not logged in",
        StatusCode::SERVICE_UNAVAILABLE => "Not available",
        _ => "That did not work",
    };
    let content = html! {
        h1 { (title) }
        p id="problem" { (problem.message) }
        p.muted { "Nothing was changed." }
        p { a href="/" { "Back to the overview" } }
    };
    (problem.status, page(&plain(title, &content))).into_response()
}

/// Sends a browser on by GET: a page that is loaded again does nothing again.
pub(super) fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

/// That a form came from a page of this console; 403 for one of another site.
pub(super) fn own_origin(headers: &HeaderMap) -> Result<(), Problem> {
    match origin::is_own(headers, "") {
        true => Ok(()),
        false => Err(Problem::new(StatusCode::FORBIDDEN, "the form was sent from another site")),
    }
}

/// A path of this console to go back to, and to nowhere else.
pub(super) fn back(path: Option<&str>) -> &str {
    let own = |path: &&str| {
        let after = path.strip_prefix('/');
        after.is_some_and(|rest| !rest.starts_with(['/', '\\']))
            && path.bytes().all(|b| b.is_ascii_graphic())
    };
    path.filter(own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_back_to_this_console_alone() {
        assert_eq!(back(Some("/tasks?state=open")), "/tasks?state=open");
        for elsewhere in
            ["//evil.example.com", "/\\evil.example.com", "https://evil", "tasks", "/a\r\nb", ""]
        {
            assert_eq!(back(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(back(None), "/");
    }
}
