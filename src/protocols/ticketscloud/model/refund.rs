//! Tickets that are to be given back, or were.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Line;
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::TaskGuid;
use crate::protocols::ticketscloud::hex_id::{OrderId, PartnerId, RefundId, TicketId};

/// Through whom tickets are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Culprit {
    /// The customer does not want them any more.
    User,
    /// The event does not take place as it was sold.
    Org,
}

string_enum!(Culprit { User = "user", Org = "org" });

impl Culprit {
    /// What is given back for a ticket: its price less the discount, and the fee where it was the organizer.
    pub fn gives_back(self, line: &Line) -> Money {
        let nominal = line.price.checked_sub(line.discount).unwrap_or_default();
        match self {
            Culprit::User => nominal,
            Culprit::Org => nominal.checked_add(line.extra).unwrap_or(nominal),
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Nobody has decided yet.
    New,
    /// The money is given back, and the tickets are on sale again.
    Approved,
    /// Nothing comes of it.
    Rejected,
}

string_enum!(RefundStatus { New = "new", Approved = "approved", Rejected = "rejected" });

/// A request to give back tickets of an order.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Refund {
    pub id: RefundId,
    pub order: OrderId,
    /// Who sold the order.
    pub vendor: PartnerId,
    /// Whose the event is.
    pub org: PartnerId,
    pub culprit: Culprit,
    pub status: RefundStatus,
    /// What is given back for each ticket.
    pub tickets: BTreeMap<TicketId, Money>,
    /// The sum of that.
    pub value: Money,
    /// The tickets that stay.
    pub stay: Vec<TicketId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the customer asked for it, as the seller says.
    pub requested_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// The task that made it.
    pub task: TaskGuid,
    /// The task that ended it.
    pub closed_by: Option<TaskGuid>,
    /// Counts the writes; 0 for one not yet stored.
    pub version: i64,
}

impl Refund {
    /// Whether its tickets are taken: they are given back, or may be.
    pub fn is_live(&self) -> bool {
        self.status != RefundStatus::Rejected
    }
}
