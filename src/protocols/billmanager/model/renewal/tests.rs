//! Services over simulated years: clocks that jump, downtime, balances that run dry.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::domain::task::TaskGuid;
use crate::protocols::billmanager::model::{DAY, is_period};

const DAY_S: i64 = 86_400;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn plus(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(moment.as_second() + seconds).unwrap()
}

fn kopecks(kopecks: i64) -> Money {
    Money::from_kopecks(kopecks).unwrap()
}

fn ordered(autoprolong: Option<i64>) -> Service {
    let ordered_at = moment("2027-01-31T12:00:00Z");
    Service {
        order: 1,
        status: ServiceStatus::Ordered,
        suspended_for: None,
        pending: Some(Pending::Open),
        autoprolong,
        ip: None,
        ordered_at,
        opened_at: None,
        expires_at: None,
        anchor_day: None,
        look_at: None,
        changed_at: ordered_at,
        changed_by: TaskGuid::new(),
    }
}

/// A service that is looked at when it says so, as the sweeper does.
struct Life {
    service: Service,
    balance: i64,
    cost: i64,
    /// From where to where, and for how much.
    charged: Vec<(Timestamp, Option<Timestamp>, i64)>,
    looks: usize,
}

impl Life {
    fn opened(service: Service, period: i64, at: Timestamp, balance: i64, cost: i64) -> Life {
        let mut life = Life { service, balance, cost, charged: Vec::new(), looks: 0 };
        let end = life.service.open(period, at).unwrap();
        life.charged.push((at, end.at, 0));
        life
    }

    /// Everything that is due at this moment; each look is one task.
    fn sweep(&mut self, now: Timestamp) {
        let mut rounds = 0;
        while self.service.look_at.is_some_and(|at| at <= now) {
            self.look(now);
            rounds += 1;
            assert!(rounds < 20_000, "it never ends: {:?}", self.service);
        }
    }

    fn look(&mut self, now: Timestamp) {
        self.looks += 1;
        let (service, cost) = (&mut self.service, kopecks(self.cost));
        match look(service, Some(cost), kopecks(self.balance), now) {
            Due::Nothing(at) => service.look_at = at,
            Due::Renew(next) => {
                self.charged.push((next.starts_at, next.end.at, self.cost));
                self.balance -= self.cost;
                service.prolong(next, now);
            }
            Due::Suspend(at) => service.suspend(Suspension::End, at),
            Due::Expire => service.finish(ServiceStatus::Expired),
        }
    }

    /// No gap, no overlap, and the balance is what it must be.
    fn holds(&self, deposited: i64) {
        for pair in self.charged.windows(2) {
            assert_eq!(pair[0].1, Some(pair[1].0), "a gap or an overlap");
            assert!(pair[1].1.is_none_or(|end| pair[1].0 < end), "a period without length");
        }
        assert_eq!(self.charged.last().unwrap().1, self.service.expires_at);
        let sum: i64 = self.charged.iter().map(|(.., cost)| cost).sum();
        assert_eq!((self.balance, self.balance >= 0), (deposited - sum, true));
    }
}

#[test]
fn what_was_missed_is_charged_once_in_order_while_the_balance_allows() {
    let start = moment("2027-01-31T12:00:00Z");
    let mut life = Life::opened(ordered(Some(1)), 1, start, 350, 100);
    // The first look after five months of downtime: three months are paid, then nothing is left.
    life.sweep(moment("2027-07-01T00:00:00Z"));
    let dates: Vec<String> =
        life.charged.iter().map(|(from, ..)| from.strftime("%m-%d").to_string()).collect();
    assert_eq!(dates, ["01-31", "02-28", "03-31", "04-30"]);
    life.holds(350);
    assert_eq!(life.service.status, ServiceStatus::Suspended);
    assert_eq!(life.service.pending, Some(Pending::Suspend));
    // A day later there is still no money, and it was suspended for too long.
    life.sweep(moment("2027-07-02T00:00:00Z"));
    assert_eq!(life.service.status, ServiceStatus::Expired);
    assert_eq!((life.service.look_at, life.service.pending), (None, Some(Pending::Close)));
}

#[test]
fn money_that_comes_in_time_lets_it_work_again_and_charges_from_where_it_ended() {
    let start = moment("2027-03-01T00:00:00Z");
    let mut life = Life::opened(ordered(Some(1)), 1, start, 0, 100);
    life.sweep(moment("2027-04-01T00:00:00Z"));
    assert_eq!(life.service.suspended_for, Some(Suspension::End));
    life.sweep(moment("2027-04-01T23:59:59Z"));
    assert_eq!(life.looks, 1, "it is tried once a day");
    life.balance = 100;
    life.sweep(moment("2027-04-20T00:00:00Z"));
    assert_eq!(life.service.status, ServiceStatus::Active);
    assert_eq!(life.service.pending, Some(Pending::Resume));
    assert_eq!(life.service.expires_at, Some(moment("2027-05-01T00:00:00Z")));
    life.holds(100);
}

#[test]
fn what_is_not_renewed_is_suspended_at_its_end_and_expires() {
    let start = moment("2027-03-01T00:00:00Z");
    let mut life = Life::opened(ordered(None), -100, start, 1_000, 100);
    life.sweep(moment("2027-03-14T23:59:59Z"));
    assert_eq!((life.looks, life.service.status), (0, ServiceStatus::Active));
    life.sweep(moment("2027-03-15T00:00:00Z"));
    assert_eq!(life.service.status, ServiceStatus::Suspended);
    assert_eq!(life.service.look_at, Some(moment("2027-04-14T00:00:00Z")));
    life.sweep(moment("2027-04-14T00:00:00Z"));
    assert_eq!(life.service.status, ServiceStatus::Expired);
    life.holds(1_000);
}

#[test]
fn what_an_operator_suspended_is_not_charged() {
    let start = moment("2027-03-01T00:00:00Z");
    let mut life = Life::opened(ordered(Some(1)), 1, start, 1_000, 100);
    life.service.status = ServiceStatus::Suspended;
    life.service.suspended_for = Some(Suspension::Operator);
    life.sweep(moment("2027-04-15T00:00:00Z"));
    assert_eq!(life.service.suspended_for, Some(Suspension::Operator));
    life.sweep(moment("2027-05-01T00:00:00Z"));
    assert_eq!((life.service.status, life.balance), (ServiceStatus::Expired, 1_000));
}

#[test]
fn what_has_no_end_is_never_looked_at() {
    let start = moment("2027-03-01T00:00:00Z");
    let life = Life::opened(ordered(None), 0, start, 1_000, 100);
    assert_eq!((life.service.expires_at, life.service.look_at), (None, None));
    let now = moment("2037-03-01T00:00:00Z");
    assert_eq!(look(&life.service, None, kopecks(0), now), Due::Nothing(None));
}

/// Services over five years; each lives through jumps of the clock to both sides, downtime, deposits and looks that
/// come twice. `WSA_RENEWED_SERVICES` says how many.
#[test]
fn over_years_each_period_is_charged_exactly_once() {
    let count = std::env::var("WSA_RENEWED_SERVICES").ok().and_then(|text| text.parse().ok());
    let mut fates = std::collections::BTreeMap::new();
    for seed in 0..count.unwrap_or(10_000) {
        let mut dice = SmallRng::seed_from_u64(seed);
        let fate = five_years(&mut dice);
        *fates.entry(fate.as_str()).or_insert(0) += 1;
    }
    for fate in ["active", "suspended", "expired"] {
        assert!(fates.contains_key(fate), "none is {fate}: {fates:?}");
    }
}

fn five_years(dice: &mut SmallRng) -> ServiceStatus {
    const PERIODS: [i64; 8] = [DAY, 1, 1, 2, 3, 6, 12, 36];
    let start = plus(moment("2027-01-01T00:00:00Z"), dice.random_range(0..1_500 * DAY_S));
    let (first, period) =
        (PERIODS[dice.random_range(0..8)], PERIODS[dice.random_range(1..PERIODS.len())]);
    assert!(is_period(first) && is_period(period));
    let cost = dice.random_range(0..2_000);
    // Enough for all of it, or for some.
    let mut deposited = if dice.random_bool(0.7) { cost * 61 } else { cost * 7 + 13 };
    let mut life = Life::opened(ordered(Some(period)), first, start, deposited, cost);
    let end = plus(start, 5 * 366 * DAY_S);
    let mut now = start;
    while now < end {
        // The sweeper comes again after hours, or after downtime; the clock may have gone back.
        let hours = match dice.random_range(0..20) {
            0 => dice.random_range(24 * 30..24 * 200),
            1 => -dice.random_range(1..48),
            _ => dice.random_range(24..24 * 40),
        };
        now = plus(now, hours * 3_600);
        life.sweep(now);
        // A task that comes twice finds nothing to charge.
        let before = life.charged.len();
        if life.service.expires_at.is_some_and(|expires| now < expires) {
            life.look(now);
            assert_eq!(life.charged.len(), before);
        }
        if dice.random_bool(0.01) {
            deposited += cost;
            life.balance += cost;
        }
        life.holds(deposited);
        let active = life.service.status == ServiceStatus::Active;
        let paid = life.service.expires_at.is_none_or(|expires| now < expires);
        assert!(!active || paid, "active and not paid for: {:?}", life.service);
    }
    life.service.status
}
