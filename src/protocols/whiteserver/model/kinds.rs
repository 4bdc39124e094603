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
    /// Open.
    Created,
    /// Paid and closed (spelt so on the wire).
    Complited,
    /// Cancelled.
    Canceled,
}

string_enum!(AgentVersion { V1 = "v1", V2 = "v2" });
string_enum!(CurrencyKind {
    Cash = "cash",
    Card = "card",
    Online = "online",
    FullDiscount = "full_discount",
});
string_enum!(OrderStatus { Created = "Created", Complited = "Complited", Canceled = "Canceled" });
