//! A caller before a reseller -> what it may do there.

use crate::protocols::activeplatform::sql::Tables;
use std::sync::Arc;

use super::sql::managers::Access;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::store::Store;
use crate::runtime::supervise::Tasks;

/// Finds what ActivePlatform's managers may do. Nothing is cached: what is taken away is away at once.
#[derive(Debug)]
pub struct Managers {
    access: LookUps<(AggregatorId, ObjectId), Access>,
}

impl Managers {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: Arc<Store>) -> Managers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let task = tasks.task("activeplatform access");
        let access =
            Batcher::start_look_ups(task, limits, move |wanted: Vec<(AggregatorId, ObjectId)>| {
                let store = Arc::clone(&store);
                async move { Tables::of(&store).access(&wanted).await }
            });
        Managers { access }
    }

    /// What this caller may do at a reseller; `None` when it is no manager.
    pub async fn access(
        &self,
        caller: AggregatorId,
        reseller: ObjectId,
    ) -> Result<Option<Access>, LookUpError> {
        self.access.look_up((caller, reseller)).await
    }
}
