//! Line items, orders and payments.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RefundRule;
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::{AggregatorId, TaskGuid};
use crate::domain::token::TokenHash;
use crate::protocols::billmanager::command::{Given, Text};

/// What a line item's price consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// The add-on; `None`: the base.
    pub name: Option<Text>,
    /// What was ordered of it.
    pub value: Text,
    /// What that costs for the whole period.
    pub price: Money,
}

/// Where a line item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemStatus {
    /// In the cart.
    Cart,
    /// In an order.
    Ordered,
    /// Nowhere any more.
    Deleted,
}

string_enum!(ItemStatus { Cart = "cart", Ordered = "ordered", Deleted = "deleted" });

/// A line item.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Item {
    pub pricelist: i64,
    pub itemtype: String,
    pub name: Text,
    pub period: i64,
    /// How many of it; the price is that of all of them.
    pub count: i64,
    pub datacenter: Option<i64>,
    /// For which period it is renewed, if it is.
    pub autoprolong: Option<i64>,
    /// The values of what its price list declares; some are secrets.
    pub parameters: Given,
    pub configuration: Vec<Configured>,
    pub currency: String,
    pub price: Money,
    pub discount: Money,
    pub promocode: Option<String>,
    pub status: ItemStatus,
    pub task: TaskGuid,
    /// What each period costs that it may be renewed for, as the price list had it.
    pub renewals: BTreeMap<i64, Money>,
    /// What is given back of it when its service is deleted, as the price list had it.
    pub refund: RefundRule,
}

impl Item {
    /// What a period costs that it is renewed for; no promo code counts. A line item of an older program knows only its
    /// own period.
    pub fn renewal_price(&self, period: i64) -> Option<Money> {
        let own = (period == self.period).then_some(self.price);
        self.renewals.get(&period).copied().or(own)
    }

    /// What is to be paid for it.
    pub fn cost(&self) -> Money {
        // The store and the decision keep a discount within the price.
        self.price.checked_sub(self.discount).unwrap_or(Money::ZERO)
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Nobody has paid it.
    New,
    /// It is paid.
    Paid,
    /// Nobody paid it in time, and nobody can.
    Expired,
}

string_enum!(OrderStatus { New = "new", Paid = "paid", Expired = "expired" });

/// A way to pay that a client kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The method.
    pub method: i64,
    /// The payer.
    pub profile: Option<i64>,
    /// With which parameters.
    pub parameters: BTreeMap<String, String>,
}

/// An order that is new in this batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The sum of its lines.
    pub total: Money,
    /// What it is in.
    pub currency: String,
    /// Its line items and what each costs.
    pub lines: Vec<(i64, Money)>,
    /// Whether the task that made it has paid it.
    pub paid: bool,
    /// The task that made it.
    pub task: TaskGuid,
}

/// Where a payment stands, as the vendor numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nothing has come.
    New = 1,
    /// It is on its way.
    InProgress = 2,
    /// It is promised.
    Pledged = 3,
    /// It has come.
    Credited = 4,
    /// It is to go back.
    PendingReturn = 5,
    /// It went back.
    Returned = 6,
    /// It was a fraud.
    Fraudulent = 7,
}

impl PaymentStatus {
    /// All of them, in the order of their numbers.
    pub const ALL: [PaymentStatus; 7] = [
        PaymentStatus::New,
        PaymentStatus::InProgress,
        PaymentStatus::Pledged,
        PaymentStatus::Credited,
        PaymentStatus::PendingReturn,
        PaymentStatus::Returned,
        PaymentStatus::Fraudulent,
    ];

    /// Its number.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// By its number.
    pub fn numbered(number: i64) -> Option<PaymentStatus> {
        PaymentStatus::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Whether it can still come.
    pub fn is_open(self) -> bool {
        matches!(self, PaymentStatus::New | PaymentStatus::InProgress | PaymentStatus::Pledged)
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Payment {
    pub order: i64,
    /// 0: the balance.
    pub method: i64,
    pub stored: Option<i64>,
    pub profile: Option<i64>,
    pub status: PaymentStatus,
    pub amount: Money,
    pub currency: String,
    pub parameters: BTreeMap<String, String>,
    /// Whether its method is to be kept once it has come.
    pub store: bool,
    /// Whether its method is for trying.
    pub test: bool,
    /// Of the key in the link to its page.
    pub key: Option<TokenHash>,
    /// Whose caller made it.
    pub aggregator: AggregatorId,
    /// The task that made it.
    pub task: TaskGuid,
    pub created_at: Timestamp,
}
