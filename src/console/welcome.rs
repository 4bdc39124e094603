//! What a person sees who opens the address of the API in a browser: where to read on. Programs see what they always saw.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};

const POLICY: &str =
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Whether a request is that of a browser that shows a page: it asks for HTML by name.
pub fn is_for_people(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = values.flat_map(|value| value.split(','));
    kinds.any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/html"))
}

/// The page.
pub fn page() -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "wsa" }
            }
            body {
                h1 { "wsa: White Server" }
                p { "This is an API for payments and orders of restaurants. It is called by programs." }
                ul {
                    li { a href="docs" { "Read and try the API" } }
                    li {
                        "Contracts: " a href="openapi.json" { "OpenAPI" } " (HTTP), "
                        a href="asyncapi.json" { "AsyncAPI" } " (RabbitMQ)"
                    }
                    li { a href="readyz" { "Whether this process is ready" } }
                }
                p { "Operators have a console at an address of its own (" code { "ops.listen" } ")." }
            }
        }
    };
    let mut response = Html(page.into_string()).into_response();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "Accept"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_asks_for_a_page_and_a_program_does_not() {
        let asks = |accept: &str| {
            is_for_people(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]))
        };
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(asks("application/json, text/html;q=0.5"));
        for program in ["*/*", "application/json", "text/*", "text/plain", ""] {
            assert!(!asks(program), "{program}");
        }
        assert!(!is_for_people(&HeaderMap::new()));
    }
}
