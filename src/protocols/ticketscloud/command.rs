//! ticketscloud: a transition of an order of tickets.

use crate::engine::protocol::Counted;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use jiff::Timestamp;

use super::hex_id::{DealId, EventId, OrderId, PartnerId, RefundId, SetId, SystemId, TicketId};
use super::model::refund::{Culprit, Refund};
use super::model::{Event, Order, OrderStatus};
use crate::domain::task::Outcome;

/// What a partner asks for; stored as JSON, as the handler of the request wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transition {
    /// Who asks.
    pub partner: PartnerId,
    /// Which order.
    pub which: Which,
    /// What is to be different in it.
    pub changes: Changes,
    /// Where it is to stand afterwards; `None`: where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OrderStatus>,
    /// For how long tickets are reserved while the order is paid, in seconds.
    pub payment_s: i64,
    /// Whether the answer has the tickets with all that they have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
}

/// What a task asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A transition of an order.
    Order(Transition),
    /// A request to give back tickets.
    Ask(RefundAsk),
    /// What becomes of such a request.
    Settle(Settlement),
}

/// A request to give back tickets of an order that is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundAsk {
    /// Who asks.
    pub partner: PartnerId,
    /// Of which order.
    pub order: OrderId,
    /// Through whom.
    pub culprit: Culprit,
    /// Which tickets.
    pub back: Back,
    /// When the customer asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
}

/// Which tickets of an order go back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Back {
    /// These.
    These(BTreeSet<TicketId>),
    /// All but these.
    AllBut(BTreeSet<TicketId>),
}

/// What becomes of a request to give back tickets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settlement {
    /// Who says so.
    pub partner: PartnerId,
    /// Of which request.
    pub refund: RefundId,
    /// Of which order.
    pub order: OrderId,
    /// Whether the tickets are given back.
    pub approve: bool,
}

/// The order of a transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// One that the task makes.
    #[serde(rename_all = "camelCase")]
    New {
        /// By what right the partner sells somebody else's event.
        deal: Option<DealId>,
        /// For how long its tickets are reserved at first, in seconds.
        reserve_s: i64,
    },
    /// One that is there.
    Stored(OrderId),
}

/// What is to be different in an order; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// Its tickets, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// Whether nothing is to change unless every ticket that is wanted can be had.
    pub all_or_nothing: bool,
    /// The promo codes, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promocodes: Option<BTreeSet<String>>,
    /// Fields of the customer; `None` takes one away.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub customer: BTreeMap<String, Option<String>>,
    /// How it is paid.
    pub payment: PaymentChange,
    /// What its seller keeps with it, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_data: Option<String>,
}

/// The tickets that an order is to have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Wanted {
    /// These.
    Tickets(BTreeSet<TicketId>),
    /// So many of each set, whichever.
    Random(BTreeMap<SetId, usize>),
}

/// How an order is paid: of each field, `None` leaves it, `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct PaymentChange {
    /// The payment system, by its id or its code.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub system: Option<Option<String>>,
    /// Where the customer goes when it is paid.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub success_url: Option<Option<String>>,
    /// Where the customer goes when it is not.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub failure_url: Option<Option<String>>,
}

impl PaymentChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == PaymentChange::default()
    }
}

impl Changes {
    /// Whether nothing is to be different.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_none()
            && self.promocodes.is_none()
            && self.customer.is_empty()
            && self.payment.is_empty()
            && self.vendor_data.is_none()
    }

    /// Whether nothing but the tickets is to be different.
    pub fn is_of_tickets(&self) -> bool {
        let rest = Changes { wanted: None, ..self.clone() };
        self.wanted.is_some() && rest.is_empty()
    }
}

/// `null` is `Some(None)`: it was said.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It was done.
    Order {
        /// The order as it is now.
        view: Box<OrderView>,
        /// Whether it is told with all that it has.
        wide: bool,
    },
    /// It was done; a refund request as it is now.
    Refund(Box<RefundView>),
    /// It was not done.
    Refused {
        /// The status of the answer.
        status: u16,
        /// Why, as sentences.
        errors: Vec<String>,
    },
}

impl Counted for Answered {
    fn outcome(&self) -> Outcome {
        match self {
            Answered::Order { .. } | Answered::Refund(_) => Outcome::Done,
            Answered::Refused { .. } => Outcome::Refused,
        }
    }
}

/// An order as answers show it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Its event.
    pub event: Event,
}

/// A refund request as answers show it.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundView {
    /// The request.
    pub refund: Refund,
    /// Its event.
    pub event: EventId,
    /// How the order was paid.
    pub system: Option<SystemId>,
}
