//! What was ordered and paid, for as long as it lives.

use jiff::Timestamp;

use super::Of;
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::TaskGuid;

/// Where a service is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It is paid, and provisioning has not opened it.
    Ordered,
    /// It works.
    Active,
    /// It does not work, and may again.
    Suspended,
    /// It was suspended for too long.
    Expired,
    /// It is no more.
    Deleted,
}

string_enum!(ServiceStatus {
    Ordered = "ordered",
    Active = "active",
    Suspended = "suspended",
    Expired = "expired",
    Deleted = "deleted",
});

impl ServiceStatus {
    /// Its number: 1 to 4 are the vendor's, 6 is not.
    pub fn number(self) -> i64 {
        match self {
            ServiceStatus::Ordered => 1,
            ServiceStatus::Active => 2,
            ServiceStatus::Suspended => 3,
            ServiceStatus::Deleted => 4,
            ServiceStatus::Expired => 6,
        }
    }

    /// The one with this number.
    pub fn numbered(number: i64) -> Option<ServiceStatus> {
        ServiceStatus::ALL.iter().copied().find(|status| status.number() == number)
    }
}

/// Why a service is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// What was paid for has ended.
    End,
    /// An operator or provisioning wants it.
    Operator,
}

string_enum!(Suspension { End = "end", Operator = "operator" });

/// What provisioning has not reported yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// To make it.
    Open,
    /// To stop it.
    Suspend,
    /// To let it work again.
    Resume,
    /// To remove it.
    Close,
}

string_enum!(Pending { Open = "open", Suspend = "suspend", Resume = "resume", Close = "close" });

/// A service. Its number is that of its line item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Service {
    pub order: i64,
    pub status: ServiceStatus,
    pub suspended_for: Option<Suspension>,
    pub pending: Option<Pending>,
    /// For which period it is renewed by itself, if it is.
    pub autoprolong: Option<i64>,
    pub ip: Option<String>,
    pub ordered_at: Timestamp,
    pub opened_at: Option<Timestamp>,
    /// Until when it is paid for; `None`: it was not opened, or has no end.
    pub expires_at: Option<Timestamp>,
    /// The day of the month on which its months end.
    pub anchor_day: Option<i64>,
    /// When it is to be looked at next, if ever.
    pub look_at: Option<Timestamp>,
    pub changed_at: Timestamp,
    /// The task that changed it last.
    pub changed_by: TaskGuid,
}

/// A period that begins in this batch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NewPeriod {
    /// Of this service.
    pub of: Of,
    pub starts_at: Timestamp,
    /// `None`: without end.
    pub ends_at: Option<Timestamp>,
    pub period: i64,
    /// What was charged for it: by its order for the first one, by a renewal for the others.
    pub amount: Money,
    pub task: TaskGuid,
}
