//! What the store, the settings and the wire have one word for each.

use crate::domain::string_enum::string_enum;

/// How a restaurant's agent takes payments (White Server page, "PayOrder rules").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentVersion {
    /// Payments are prepayments; the order stays open.
    V1,
    /// The payment is the payment: exactly what is due, and it closes the order.
    V2,
}

/// What kind of payment a currency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyKind {
    /// Notes and coins.
    Cash,
    /// A bank card at the till.
    Card,
    /// Paid elsewhere: an aggregator, a QR code.
    Online,
    /// A discount of 100 %, which leaves one kopeck to be written off.
    FullDiscount,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// It waits for the restaurant's acceptance.
    Confirmed,
    /// Open.
    Created,
    /// Paid and closed (spelt so on the wire).
    Complited,
    /// Cancelled.
    Canceled,
    /// The restaurant did not take it.
    RestaurantCancelled,
}

impl OrderStatus {
    /// Whether it is neither closed nor cancelled.
    pub fn is_open(self) -> bool {
        matches!(self, OrderStatus::Confirmed | OrderStatus::Created)
    }

    /// The word in the column `status`, and that in `acceptance`, which came later.
    pub fn stored(self) -> (&'static str, Option<&'static str>) {
        match self {
            OrderStatus::Confirmed => (OrderStatus::Created.as_str(), Some("waiting")),
            OrderStatus::RestaurantCancelled => (OrderStatus::Canceled.as_str(), Some("rejected")),
            plain => (plain.as_str(), None),
        }
    }

    /// The status that such words stand for.
    pub fn of_stored(status: OrderStatus, acceptance: Option<&str>) -> OrderStatus {
        match (status, acceptance) {
            (OrderStatus::Created, Some("waiting")) => OrderStatus::Confirmed,
            (OrderStatus::Canceled, Some("rejected")) => OrderStatus::RestaurantCancelled,
            _ => status,
        }
    }
}

string_enum!(AgentVersion { V1 = "v1", V2 = "v2" });
string_enum!(CurrencyKind {
    Cash = "cash",
    Card = "card",
    Online = "online",
    FullDiscount = "full_discount",
});
string_enum!(OrderStatus {
    Confirmed = "Confirmed",
    Created = "Created",
    Complited = "Complited",
    Canceled = "Canceled",
    RestaurantCancelled = "RestaurantCancelled",
});
