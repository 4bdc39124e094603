//! What a store is in: facts for the checks at the start.

use super::Store;
use crate::database::{ServerFacts, StoreError};

impl Store {
    /// Reads the facts; `None` for a store that is embedded.
    pub async fn server_facts(&self) -> Result<Option<ServerFacts>, StoreError> {
        self.db.server_facts().await
    }
}
