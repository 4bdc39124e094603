//! Where there is nothing: each protocol says so in its own form, under its own prefix.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};

use super::error;
use crate::app::App;
use crate::protocols::ProtocolKind;
use crate::protocols::{activeplatform, billmanager, ticketscloud};

/// Whose a path is. Slashes that are doubled or left over belong to nobody's route, and still to a protocol.
fn door(path: &str) -> ProtocolKind {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some("api"), Some("v3")) => ProtocolKind::ActivePlatform,
        (Some("v1"), _) => ProtocolKind::TicketsCloud,
        (Some("billmgr" | "mancgi"), _) => ProtocolKind::BillManager,
        _ => ProtocolKind::WhiteServer,
    }
}

/// The answer of every path that is no route.
pub(super) async fn no_such_path(State(app): State<Arc<App>>, uri: Uri) -> Response {
    match door(uri.path()) {
        ProtocolKind::WhiteServer => error::no_such_path(&uri).into_response(),
        ProtocolKind::ActivePlatform => activeplatform::http::no_such_path(&uri),
        ProtocolKind::TicketsCloud => ticketscloud::http::no_such_path(&uri),
        ProtocolKind::BillManager => billmanager::http::no_such_path(&app, &uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_belongs_to_a_protocol_whatever_its_slashes() {
        for (path, protocol) in [
            ("/wsserverlp/api/v2/aggregators/Create/", ProtocolKind::WhiteServer),
            ("/", ProtocolKind::WhiteServer),
            ("/api/v2", ProtocolKind::WhiteServer),
            ("/v11", ProtocolKind::WhiteServer),
            ("/api/v3", ProtocolKind::ActivePlatform),
            ("//api//v3/x/", ProtocolKind::ActivePlatform),
            ("/v1", ProtocolKind::TicketsCloud),
            ("/v1//resources/orders", ProtocolKind::TicketsCloud),
            ("/billmgr/", ProtocolKind::BillManager),
            ("//mancgi/a/b", ProtocolKind::BillManager),
        ] {
            assert_eq!(door(path), protocol, "{path}");
        }
    }
}
