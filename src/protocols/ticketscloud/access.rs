//! A caller -> the partner whose key it has; a partner before an event; where an order is.

use crate::protocols::ticketscloud::sql::Tables;
use std::sync::Arc;

use super::hex_id::{EventId, OrderId, PartnerId, RefundId};
use super::sql::access::{Placed, Selling};
use super::sql::refunds::PlacedRefund;
use crate::domain::task::AggregatorId;
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::store::Store;
use crate::runtime::supervise::Tasks;

/// Finds what ticketscloud's partners may sell and see. Nothing is cached: what is taken away is away at once.
#[derive(Debug)]
pub struct Partners {
    by_caller: LookUps<AggregatorId, PartnerId>,
    selling: LookUps<(PartnerId, EventId), Selling>,
    placed: LookUps<OrderId, Placed>,
    refunds: LookUps<RefundId, PlacedRefund>,
}

impl Partners {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: &Arc<Store>) -> Partners {
        let limits = || Limits { lanes: 1, most: 512, waiting: 20_000 };
        let by_caller = Arc::clone(store);
        let selling = Arc::clone(store);
        let placed = Arc::clone(store);
        let refunds = Arc::clone(store);
        Partners {
            by_caller: Batcher::start_look_ups(
                tasks.task("ticketscloud partners"),
                limits(),
                move |wanted: Vec<AggregatorId>| {
                    let store = Arc::clone(&by_caller);
                    async move { Tables::of(&store).partners_of(&wanted).await }
                },
            ),
            selling: Batcher::start_look_ups(
                tasks.task("ticketscloud offers"),
                limits(),
                move |wanted: Vec<(PartnerId, EventId)>| {
                    let store = Arc::clone(&selling);
                    async move { Tables::of(&store).selling(&wanted).await }
                },
            ),
            placed: Batcher::start_look_ups(
                tasks.task("ticketscloud orders"),
                limits(),
                move |wanted: Vec<OrderId>| {
                    let store = Arc::clone(&placed);
                    async move { Tables::of(&store).placed(&wanted).await }
                },
            ),
            refunds: Batcher::start_look_ups(
                tasks.task("ticketscloud refunds"),
                limits(),
                move |wanted: Vec<RefundId>| {
                    let store = Arc::clone(&refunds);
                    async move { Tables::of(&store).placed_refunds(&wanted).await }
                },
            ),
        }
    }

    /// The partner of a caller; `None` when it is no key.
    pub async fn of(&self, caller: AggregatorId) -> Result<Option<PartnerId>, LookUpError> {
        self.by_caller.look_up(caller).await
    }

    /// How a partner stands to an event; `None` when there is no such event.
    pub async fn selling(
        &self,
        partner: PartnerId,
        event: EventId,
    ) -> Result<Option<Selling>, LookUpError> {
        self.selling.look_up((partner, event)).await
    }

    /// Where an order is and whose; `None` when there is no such order.
    pub async fn placed(&self, order: OrderId) -> Result<Option<Placed>, LookUpError> {
        self.placed.look_up(order).await
    }

    /// Where a refund request is and whose; `None` when there is none.
    pub async fn placed_refund(
        &self,
        refund: RefundId,
    ) -> Result<Option<PlacedRefund>, LookUpError> {
        self.refunds.look_up(refund).await
    }
}
