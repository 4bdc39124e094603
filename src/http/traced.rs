//! The span of a request. Only where something is traced is there this layer at all.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use crate::runtime::context;
use crate::runtime::trace::{Kind, Place, Span, Tracer};

/// These routes of a listener of this scheme, with a span for each request that is sampled.
pub(super) fn layer(routes: Router, tracer: &Tracer, scheme: &'static str) -> Router {
    match tracer.is_on() {
        true => routes.layer(from_fn_with_state((tracer.clone(), scheme), traced)),
        false => routes,
    }
}

type Door = (Tracer, &'static str);

async fn traced(State((tracer, scheme)): State<Door>, request: Request, next: Next) -> Response {
    let place = tracer.admit(request.headers());
    let begun = place.and_then(|place| begin(&tracer, place, scheme, &request));
    let Some(mut span) = begun else { return next.run(request).await };
    let response = context::below(span.context(), next.run(request)).await;
    let status = response.status();
    span.number("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.fail(status.as_str());
    }
    response
}

/// Nothing of the path but the route, and nothing of the query: both may hold what is personal.
fn begin(tracer: &Tracer, place: Place, scheme: &str, request: &Request) -> Option<Span> {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    let mut span = tracer.span(place, Kind::Server, name)?;
    span.text("http.request.method", method);
    if let Some(route) = route {
        span.text("http.route", route);
    }
    span.text("url.scheme", scheme);
    if let Some((host, port)) = server(request.headers()) {
        span.text("server.address", host);
        if let Some(port) = port {
            span.number("server.port", port);
        }
    }
    let version = match request.version() {
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    span.text("network.protocol.version", version);
    if let Some(id) = context::request_id() {
        span.header("http.request.header.x-request-id", id.as_str());
    }
    Some(span)
}

/// A caller may make up methods; spans have few names.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}

/// What the client calls this service by.
fn server(headers: &HeaderMap) -> Option<(String, Option<u16>)> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    Some((authority.host().to_owned(), authority.port_u16()))
}
