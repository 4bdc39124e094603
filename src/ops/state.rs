//! What every page and route of the operator's side is given.

use std::sync::Arc;

use crate::engine::app::App;
use crate::engine::health::Health;
use crate::engine::store::Store;
use crate::surface::ProtocolList;

/// The parts of the process that operators look at and act on.
#[derive(Debug, Clone)]
pub struct OpsState {
    /// The process.
    pub app: Arc<App>,
    /// Whether it can do its work.
    pub health: Arc<Health>,
    /// The protocols that it speaks.
    pub list: &'static ProtocolList,
}

impl OpsState {
    /// The store of the process.
    pub fn store(&self) -> &Store {
        &self.app.store
    }
}
