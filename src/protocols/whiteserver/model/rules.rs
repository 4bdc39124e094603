//! What is decided about an object.

use super::AgentVersion;
use crate::domain::task::CurrencyGuid;
use crate::domain::time_zone::TimeZone;

/// What an object's operator has decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRules {
    /// How its agent takes payments.
    pub agent_version: AgentVersion,
    /// What it permits beyond the ordinary.
    pub permits: Permits,
    /// Where its clocks are.
    pub zone: TimeZone,
}

/// What an object permits beyond the ordinary; nothing at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permits {
    /// `GetOrderList` may show closed orders.
    pub closed_orders: bool,
    /// `GetOrderList` may show the orders of all tables.
    pub all_tables: bool,
    /// `CancelOrder` may cancel an order that is paid or whose bill is printed.
    pub cancel_paid: bool,
    /// What `AddPrepayOrder` pays with when it names no currency.
    pub prepay_currency: Option<CurrencyGuid>,
    /// For how many seconds an order of an aggregator waits for the till's acceptance; `None`: it needs none.
    pub accept_within_s: Option<i64>,
}
