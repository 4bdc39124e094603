//! What a protocol shows to those outside. The program puts together the surfaces of all protocols and knows none.

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::Response;
use futures_util::future::BoxFuture;

use crate::app::App;
use crate::boot::Running;
use crate::cli::admin::AdminCommands;
use crate::cli::demo::Instructions;
use crate::contracts::Contract;
use crate::store::Store;

/// A task that is kept running as long as the process does, under its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BackgroundTask {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) run: fn(Arc<App>) -> BoxFuture<'static, ()>,
}

/// A protocol, as its callers and its operator see it.
pub(crate) trait Surface: Send + Sync {
    /// Its routes.
    fn routes(&self, app: &Arc<App>) -> Router;

    /// What takes tasks from the broker, where there is one, until no new requests are to be taken.
    fn intakes(&self) -> &'static [BackgroundTask] {
        &[]
    }

    /// Whether this path is below a prefix of its own. A path comes in its parts: slashes that are doubled or left over
    /// belong to nobody's route, and still to a protocol.
    fn is_door(&self, path: &[&str]) -> bool;

    /// The answer, in its own form, of a path below its prefix that is no route.
    fn no_such_path(&self, app: &App, uri: &Uri) -> Response;

    /// What it has in the contracts.
    fn contract(&self) -> Contract;

    /// Its commands below `wsa admin`.
    fn admin(&self) -> AdminCommands;

    /// Puts its demo into the store, once.
    fn seed<'a>(&self, store: &'a Store) -> BoxFuture<'a, anyhow::Result<()>>;

    /// What to type to try its demo.
    fn instructions<'a>(&self, running: &'a Running)
    -> BoxFuture<'a, anyhow::Result<Instructions>>;
}
