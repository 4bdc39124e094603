//! What becomes of a service by itself. Pure: the service, what its next period costs, what the balance holds, and the
//! moment decide it.
//!
//! A period begins where the one before it ended, whenever that is noticed: what was missed is charged period by
//! period, in order. A service whose next period cannot be charged is suspended. It is tried again once a day, and is
//! active again when it is paid for until after the moment. [`GRACE_DAYS`] after the end of what was paid it expires.

use jiff::Timestamp;

use super::calendar::{self, End};
use super::{Pending, Service, ServiceStatus, Suspension};
use crate::domain::money::Money;

/// How long a service stays suspended after what was paid for has ended, in days.
pub const GRACE_DAYS: i64 = 30;

/// After how many days a suspended service is looked at again.
const AGAIN_DAYS: i64 = 1;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing, until then.
    Nothing(Option<Timestamp>),
    /// To charge the next period.
    Renew(Next),
    /// To suspend it, and to look at it again then.
    Suspend(Option<Timestamp>),
    /// To end it.
    Expire,
}

/// A period that follows what was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Where the last one ended.
    pub starts_at: Timestamp,
    /// Where this one ends.
    pub end: End,
    /// Its length.
    pub period: i64,
    /// What it costs.
    pub cost: Money,
}

/// What is to be done with a service at this moment. `cost`: of the period that it is renewed for, when that can be
/// charged at all.
pub fn look(service: &Service, cost: Option<Money>, balance: Money, now: Timestamp) -> Due {
    let open = matches!(service.status, ServiceStatus::Active | ServiceStatus::Suspended);
    let Some(expires) = service.expires_at.filter(|_| open) else { return Due::Nothing(None) };
    if now < expires {
        return Due::Nothing(Some(expires));
    }
    let last = calendar::later(expires, GRACE_DAYS);
    let suspended = service.status == ServiceStatus::Suspended;
    if suspended && last.is_some_and(|last| last <= now) {
        return Due::Expire;
    }
    if service.suspended_for != Some(Suspension::Operator)
        && let Some((period, cost)) = service.autoprolong.zip(cost)
        && balance.checked_sub(cost).is_some()
        && let Some(next) = next(service, period, cost)
    {
        return Due::Renew(next);
    }
    let again = calendar::later(now, AGAIN_DAYS);
    // What will not be renewed is not tried again. Nothing expires on the day on which it is suspended.
    let again = match (service.autoprolong, last) {
        (Some(_), Some(last)) if now < last => again.min(Some(last)),
        (Some(_), _) => again,
        (None, last) => again.max(last),
    };
    if suspended { Due::Nothing(again) } else { Due::Suspend(again) }
}

/// The period that follows what was paid for. `None`: the service was not opened, has no end, or there is no such
/// period.
pub fn next(service: &Service, period: i64, cost: Money) -> Option<Next> {
    let starts_at = service.expires_at?;
    let end = calendar::end(starts_at, period, service.anchor_day?)?;
    Some(Next { starts_at, end, period, cost })
}

impl Service {
    /// It is opened: its first period begins. `None`: there is no such period.
    pub fn open(&mut self, period: i64, now: Timestamp) -> Option<End> {
        let end = calendar::end(now, period, calendar::day_of(now))?;
        self.status = ServiceStatus::Active;
        self.pending = None;
        self.opened_at = Some(now);
        self.extend(end);
        Some(end)
    }

    /// It is paid for until the end of this period; what was suspended because that had ended works again when the
    /// end is still to come.
    pub fn prolong(&mut self, next: Next, now: Timestamp) {
        self.extend(next.end);
        let paid = next.end.at.is_none_or(|end| now < end);
        if paid && self.suspended_for == Some(Suspension::End) {
            self.resume();
            self.pending = Some(Pending::Resume);
        }
    }

    /// What was paid for has ended.
    pub fn suspend(&mut self, why: Suspension, again: Option<Timestamp>) {
        self.status = ServiceStatus::Suspended;
        self.suspended_for = Some(why);
        self.pending = Some(Pending::Suspend);
        self.look_at = again;
    }

    /// It works again.
    pub fn resume(&mut self) {
        self.status = ServiceStatus::Active;
        self.suspended_for = None;
        self.look_at = self.expires_at;
    }

    /// It is over: expired or deleted.
    pub fn finish(&mut self, status: ServiceStatus) {
        self.status = status;
        self.suspended_for = None;
        self.pending = Some(Pending::Close);
        self.look_at = None;
    }

    fn extend(&mut self, end: End) {
        self.expires_at = end.at;
        self.anchor_day = Some(end.anchor);
        self.look_at = end.at;
    }
}

#[cfg(test)]
mod tests;
