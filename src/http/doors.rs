//! Where there is nothing: each protocol says so in its own form, under its own prefix.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};

use super::{activeplatform, billmanager, error, ticketscloud};
use crate::app::App;
use crate::protocol::Protocol;

/// Whose a path is. Slashes that are doubled or left over belong to nobody's route, and still to a protocol.
fn door(path: &str) -> Protocol {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some("api"), Some("v3")) => Protocol::ActivePlatform,
        (Some("v1"), _) => Protocol::TicketsCloud,
        (Some("billmgr" | "mancgi"), _) => Protocol::BillManager,
        _ => Protocol::WhiteServer,
    }
}

/// The answer of every path that is no route.
pub(super) async fn no_such_path(State(app): State<Arc<App>>, uri: Uri) -> Response {
    match door(uri.path()) {
        Protocol::WhiteServer => error::no_such_path(&uri).into_response(),
        Protocol::ActivePlatform => activeplatform::no_such_path(&uri),
        Protocol::TicketsCloud => ticketscloud::no_such_path(&uri),
        Protocol::BillManager => billmanager::no_such_path(&app, &uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_belongs_to_a_protocol_whatever_its_slashes() {
        for (path, protocol) in [
            ("/wsserverlp/api/v2/aggregators/Create/", Protocol::WhiteServer),
            ("/", Protocol::WhiteServer),
            ("/api/v2", Protocol::WhiteServer),
            ("/v11", Protocol::WhiteServer),
            ("/api/v3", Protocol::ActivePlatform),
            ("//api//v3/x/", Protocol::ActivePlatform),
            ("/v1", Protocol::TicketsCloud),
            ("/v1//resources/orders", Protocol::TicketsCloud),
            ("/billmgr/", Protocol::BillManager),
            ("//mancgi/a/b", Protocol::BillManager),
        ] {
            assert_eq!(door(path), protocol, "{path}");
        }
    }
}
