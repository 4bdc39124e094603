//! Scenarios: what clients want of one order, step by step. The same seed and number give the same scenario.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;
use wsa::domain::task::{ObjectId, OrderGuid};

use crate::support::ask::{Ask, amount};
use crate::support::reference::{CARD, CASH, DISCOUNT, ONLINE};

/// Restaurants whose payments close the order.
pub const V2: [ObjectId; 6] = [
    ObjectId(300_001),
    ObjectId(300_002),
    ObjectId(300_003),
    ObjectId(300_004),
    ObjectId(300_005),
    ObjectId(300_006),
];
/// Restaurants whose payments are prepayments, and which let paid orders be cancelled.
pub const V1: [ObjectId; 2] = [ObjectId(300_011), ObjectId(300_012)];

/// How a client submits a task and receives its answer. Each way is an aggregator of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// In the request itself.
    Sync,
    /// `GetTaskResponse`.
    Poll,
    /// `ListenQueue`.
    Listen,
    /// A callback.
    Callback,
    /// Over AMQP, with `reply_to`.
    Upstream,
}

impl Way {
    pub const ALL: [Way; 5] = [Way::Sync, Way::Poll, Way::Listen, Way::Callback, Way::Upstream];

    /// The aggregator's name.
    pub fn name(self) -> &'static str {
        match self {
            Way::Sync => "sync",
            Way::Poll => "poll",
            Way::Listen => "listen",
            Way::Callback => "callback",
            Way::Upstream => "upstream",
        }
    }

    /// The aggregator's token.
    pub fn token(self) -> String {
        format!("the-token-of-{}-4b1d", self.name())
    }
}

/// What a task does; amounts in kopecks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Pay(Vec<(i64, Uuid)>),
    Prepay(i64),
    Unprepay,
    Cancel,
}

impl Deed {
    /// What it adds to the order when it is done, without what is written off.
    pub fn sum(&self) -> i64 {
        match self {
            Deed::Pay(lines) => lines.iter().map(|(kopecks, _)| kopecks).sum(),
            Deed::Prepay(kopecks) => *kopecks,
            Deed::Unprepay | Deed::Cancel => 0,
        }
    }

    pub fn is_payment(&self) -> bool {
        matches!(self, Deed::Pay(_) | Deed::Prepay(_))
    }

    pub fn task_type(&self) -> &'static str {
        match self {
            Deed::Pay(_) => "PayOrder",
            Deed::Prepay(_) => "AddPrepayOrder",
            Deed::Unprepay => "RemovePrepayOrder",
            Deed::Cancel => "CancelOrder",
        }
    }
}

/// One task that a client wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub deed: Deed,
    pub way: Way,
    pub timeout_s: Option<i64>,
}

/// An order and the wishes for it. The wishes of a step are submitted at the same moment; the next step begins when
/// all of them are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub object: ObjectId,
    /// In kopecks.
    pub total: i64,
    pub steps: Vec<Vec<Wish>>,
}

impl Scenario {
    /// The request of a wish.
    pub fn ask(&self, order: Uuid, wish: &Wish) -> String {
        let order = OrderGuid(order);
        let ask = match &wish.deed {
            Deed::Pay(lines) => {
                let lines: Vec<(String, Uuid)> =
                    lines.iter().map(|(kopecks, currency)| (amount(*kopecks), *currency)).collect();
                let lines: Vec<(&str, Uuid)> =
                    lines.iter().map(|(amount, currency)| (amount.as_str(), *currency)).collect();
                Ask::pay(self.object, order, &lines)
            }
            Deed::Prepay(kopecks) => Ask::add_prepay(self.object, order, &amount(*kopecks)),
            Deed::Unprepay => Ask::remove_prepay(self.object, order),
            Deed::Cancel => Ask::cancel_order(self.object, order),
        };
        let ask = match wish.timeout_s {
            Some(timeout_s) => ask.within(timeout_s),
            None => ask,
        };
        match wish.way {
            Way::Sync => ask.synchronous().to_string(),
            _ => ask.asynchronous().to_string(),
        }
    }
}

/// Generates the scenario with this number.
pub fn scenario(seed: u64, number: u64) -> Scenario {
    let mut generator = Generator(Xoshiro256PlusPlus::seed_from_u64(
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number),
    ));
    let total = generator.0.random_range(300..500_000);
    if generator.0.random_ratio(1, 4) {
        generator.prepaid(total)
    } else {
        generator.paid_at_once(total)
    }
}

struct Generator(Xoshiro256PlusPlus);

impl Generator {
    /// At a restaurant whose payments close the order.
    fn paid_at_once(&mut self, total: i64) -> Scenario {
        let exact = Deed::Pay(vec![(total, CASH)]);
        let steps = match self.0.random_range(0..100) {
            0..50 => vec![vec![self.wish(exact)]],
            50..62 => {
                let part = self.0.random_range(1..total);
                vec![vec![self.wish(Deed::Pay(vec![(part, CARD), (total - part, ONLINE)]))]]
            }
            // Twice at the same moment: one of them finds the order closed.
            62..72 => vec![vec![self.wish(exact.clone()), self.wish(exact)]],
            72..80 => {
                let too_big = Deed::Pay(vec![(total + self.0.random_range(1..500), CASH)]);
                vec![vec![self.wish(too_big)], vec![self.wish(exact)]]
            }
            80..85 => vec![vec![self.wish(Deed::Pay(vec![(total - 1, DISCOUNT)]))]],
            // In a hurry, and once more at leisure: refused when the first was in time.
            _ => {
                let hasty = self.hasty(exact.clone());
                vec![vec![hasty], vec![self.wish(exact)]]
            }
        };
        let object = V2[self.0.random_range(0..V2.len())];
        Scenario { object, total, steps }
    }

    /// At a restaurant whose payments are prepayments.
    fn prepaid(&mut self, total: i64) -> Scenario {
        let first = self.0.random_range(1..total);
        let rest = total - first;
        let deeds = match self.0.random_range(0..6) {
            0 => vec![Deed::Prepay(first), Deed::Prepay(rest)],
            1 => vec![Deed::Prepay(first), Deed::Unprepay, Deed::Prepay(total)],
            2 => vec![Deed::Pay(vec![(first, CASH)]), Deed::Pay(vec![(rest, CARD)])],
            3 => vec![Deed::Prepay(first), Deed::Prepay(rest + 1), Deed::Prepay(rest)],
            4 => vec![Deed::Prepay(first), Deed::Cancel, Deed::Prepay(rest)],
            _ => vec![Deed::Pay(vec![(total, ONLINE)]), Deed::Prepay(1), Deed::Unprepay],
        };
        let hasty = self.0.random_ratio(1, 8);
        let wish = |deed| if hasty { self.hasty(deed) } else { self.wish(deed) };
        let steps = deeds.into_iter().map(wish).map(|wish| vec![wish]).collect();
        Scenario { object: V1[self.0.random_range(0..V1.len())], total, steps }
    }

    fn wish(&mut self, deed: Deed) -> Wish {
        let way = match self.0.random_range(0..100) {
            0..25 => Way::Sync,
            25..50 => Way::Poll,
            50..65 => Way::Listen,
            65..80 => Way::Callback,
            _ => Way::Upstream,
        };
        // Some name a deadline that a fault may well pass.
        let timeout_s = self.0.random_ratio(1, 10).then(|| self.0.random_range(5..30));
        Wish { deed, way, timeout_s }
    }

    /// With so little time that any fault makes it a `Timeout`.
    fn hasty(&mut self, deed: Deed) -> Wish {
        Wish { timeout_s: Some(self.0.random_range(1..3)), ..self.wish(deed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_are_a_scenario() {
        let told = |seed| (0..1000).map(|n| scenario(seed, n)).collect::<Vec<_>>();
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
        let wishes: Vec<Wish> = told(3).into_iter().flat_map(|s| s.steps).flatten().collect();
        for way in Way::ALL {
            assert!(wishes.iter().filter(|wish| wish.way == way).count() > 100, "{way:?}");
        }
        assert!(wishes.iter().filter(|wish| wish.timeout_s.is_some()).count() > 100);
        assert!(wishes.iter().all(|wish| !wish.deed.is_payment() || wish.deed.sum() > 0));
    }
}
