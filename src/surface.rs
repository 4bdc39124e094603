//! What a protocol shows to those outside: routes, contract, admin commands, demo. The program puts together the
//! surfaces of a [`ProtocolList`] and knows none of them.

pub mod admin;
pub mod conduct;
pub mod contract;
pub mod demo;
mod list;
pub mod shown;
pub mod store;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;

pub use self::admin::{AdminCommand, AdminCommands};
pub use self::contract::Contract;
pub use self::demo::{Demo, Instructions};
pub use self::list::ProtocolList;
pub use self::shown::Shown;
use crate::config::SettingsError;
use crate::config::protocol::SectionReader;
use crate::engine::app::App;
use crate::engine::protocol::Engaged;
use crate::engine::store::Store;

/// A task that is kept running as long as the process does, under its name.
#[derive(Debug, Clone, Copy)]
pub struct BackgroundTask {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub run: fn(Arc<App>) -> BoxFuture<'static, ()>,
}

/// In the extensions of a response: the path is a route of the protocol, and this request is not of the protocol. The
/// program answers it as if there was no route.
#[derive(Debug, Clone)]
pub struct NotOurs {
    /// Its method.
    pub method: Method,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its path and query.
    pub uri: Uri,
}

/// A protocol, as its callers and its operator see it.
pub trait Surface: Send + Sync {
    /// The protocol, as the engine holds it.
    fn protocol(&self) -> Box<dyn Engaged>;

    /// Its section of the settings, when it has one.
    fn section(&self) -> Option<SectionReader> {
        None
    }

    /// Its routes; what they need in the background is started with them.
    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError>;

    /// What takes tasks from the broker, where there is one, until no new requests are to be taken.
    fn intakes(&self) -> &'static [BackgroundTask] {
        &[]
    }

    /// Whether this path is below a prefix of its own. A path comes in its parts: slashes that are doubled or left over
    /// belong to nobody's route, and still to a protocol.
    fn is_door(&self, path: &[&str]) -> bool;

    /// The answer, in its own form, of a path below its prefix that is no route. The first protocol of a list also
    /// answers the paths that are below nobody's prefix.
    fn no_such_path(&self, app: &App, uri: &Uri) -> Response;

    /// The answer of the program's own paths to a method that they do not have, where this protocol is the first of
    /// the list.
    fn no_such_method(&self, _method: &Method, _uri: &Uri) -> Response {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }

    /// What it has in the contracts.
    fn contract(&self) -> Contract;

    /// What operators are shown of it.
    fn shown(&self) -> Shown {
        Shown::NOTHING
    }

    /// Its commands below `wsa admin`.
    fn admin(&self) -> AdminCommands;

    /// Puts its demo into the store, once.
    fn seed<'a>(&self, store: &'a Store) -> BoxFuture<'a, anyhow::Result<()>>;

    /// What to type to try its demo.
    fn instructions<'a>(&self, demo: &'a Demo) -> BoxFuture<'a, anyhow::Result<Instructions>>;
}
