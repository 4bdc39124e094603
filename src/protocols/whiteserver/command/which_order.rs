//! An order named by its own guid or by the guid of the task that created it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::task::guid::{OrderGuid, TaskGuid};
use crate::protocols::whiteserver::reply::{Code, Refusal};

/// Which order is meant. An order has the guid of the task that created it, so either leads to the same
/// one; only before the order is there does it matter which was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichOrder {
    /// By `orderGuid`.
    Order(OrderGuid),
    /// By `taskGuid` of its `CreateOrder`.
    CreatedBy(TaskGuid),
}

/// The fields of a request that say which order is meant: one of them, or both when they are the same.
// `WhichOrder::read` judges them, because what is missing has a code of its own.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Guids {
    /// The order.
    order_guid: Option<OrderGuid>,
    /// The task that created it.
    task_guid: Option<TaskGuid>,
}

impl WhichOrder {
    /// The order's guid, whichever was given.
    pub fn guid(self) -> OrderGuid {
        match self {
            WhichOrder::Order(guid) => guid,
            WhichOrder::CreatedBy(task) => OrderGuid(task.0),
        }
    }

    /// The task that created it, when that was given.
    pub fn task(self) -> Option<TaskGuid> {
        match self {
            WhichOrder::Order(_) => None,
            WhichOrder::CreatedBy(task) => Some(task),
        }
    }

    /// One of the two guids, or both when they are the same.
    pub(crate) fn read(guids: Guids) -> Result<WhichOrder, Refusal> {
        match (guids.order_guid, guids.task_guid) {
            (None, None) => Err(Refusal::new(
                Code::WsaNoOneGuidSpecifiedForOrderSearching,
                "params must have orderGuid or taskGuid: it has neither",
            )),
            (Some(order), Some(task)) if order.0 != task.0 => Err(Refusal::new(
                Code::BadRequest,
                format!(
                    "params.orderGuid {order} and params.taskGuid {task} name different orders: \
                     one of them is enough"
                ),
            )),
            (_, Some(task)) => Ok(WhichOrder::CreatedBy(task)),
            (Some(order), None) => Ok(WhichOrder::Order(order)),
        }
    }
}
