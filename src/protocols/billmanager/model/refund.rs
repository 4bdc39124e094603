//! What is given back when a service is deleted: pure arithmetic of what was paid and of the calendar.
//!
//! Each period is looked at by itself, the first one and every renewal. What has not begun is given back whole; of the
//! period that runs, its unused months or days, as a share of what was paid for it, rounded down to the kopeck. What was
//! paid and never opened is given back whole. A period without end is used once it has begun.

use jiff::Timestamp;

use super::calendar;
use super::{LONGEST_PERIOD, NewPeriod, RefundRule};
use crate::domain::money::Money;

/// A period that was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PaidPeriod {
    pub starts_at: Timestamp,
    /// `None`: without end.
    pub ends_at: Option<Timestamp>,
    pub period: i64,
    /// What was paid for it.
    pub amount: Money,
}

impl PaidPeriod {
    /// One that begins in this batch.
    pub fn of(begun: &NewPeriod) -> PaidPeriod {
        let NewPeriod { starts_at, ends_at, period, amount, .. } = begun;
        PaidPeriod { starts_at: *starts_at, ends_at: *ends_at, period: *period, amount: *amount }
    }
}

/// What each of these periods of a service gives back at this moment; those that give nothing back are left out.
pub fn of_periods(
    rule: RefundRule,
    periods: &[PaidPeriod],
    now: Timestamp,
) -> Vec<(Timestamp, Money)> {
    let mut ordered: Vec<&PaidPeriod> = periods.iter().collect();
    ordered.sort_by_key(|period| period.starts_at);
    let mut anchor = ordered.first().map_or(1, |first| calendar::day_of(first.starts_at));
    let mut back = Vec::new();
    for period in ordered {
        let amount = of_period(rule, period, anchor, now);
        if amount > Money::ZERO {
            back.push((period.starts_at, amount));
        }
        let end = calendar::end(period.starts_at, period.period, anchor);
        anchor = end.map_or(anchor, |end| end.anchor);
    }
    back
}

fn of_period(rule: RefundRule, period: &PaidPeriod, anchor: i64, now: Timestamp) -> Money {
    if rule == RefundRule::None {
        return Money::ZERO;
    }
    if now <= period.starts_at {
        return period.amount;
    }
    let Some(ends_at) = period.ends_at.filter(|end| now < *end) else { return Money::ZERO };
    let (unused, all) = match rule {
        RefundRule::None => (0, 1),
        RefundRule::Days => {
            let days = |from: Timestamp| ends_at.duration_since(from).as_secs() / 86_400;
            // A second that has begun is used: what is left is counted in whole days.
            (days(now), days(period.starts_at))
        }
        RefundRule::Months if (1..=LONGEST_PERIOD).contains(&period.period) => {
            let begins = |month: i64| match month {
                0 => Some(period.starts_at),
                month => calendar::end(period.starts_at, month, anchor)?.at,
            };
            let unused = |month: &i64| begins(*month).is_some_and(|start| now <= start);
            ((0..period.period).filter(unused).count() as i64, period.period)
        }
        // A day and a trial are no months.
        RefundRule::Months => (0, 1),
    };
    share(period.amount, unused, all)
}

/// So many parts of so many, rounded down; all of it at most.
fn share(amount: Money, parts: i64, of: i64) -> Money {
    if of <= 0 || parts <= 0 {
        return Money::ZERO;
    }
    let kopecks = i128::from(amount.kopecks()) * i128::from(parts.min(of)) / i128::from(of);
    i64::try_from(kopecks).ok().and_then(Money::from_kopecks).unwrap_or(Money::ZERO)
}

#[cfg(test)]
mod tests;
