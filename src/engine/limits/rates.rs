//! How many requests a second each aggregator may make of this process.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::Exceeded;
use crate::config::Limits;
use crate::domain::task::AggregatorId;

/// Without a rate of the service's own, an aggregator's burst is what it may ask in so many seconds.
const BURST_S: u32 = 2;

/// The service's own rate: what counts for an aggregator that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSettings {
    /// Requests a second; 0 for no limit.
    pub requests_per_s: u32,
    /// How many may come at once after a pause.
    pub burst: u32,
}

impl From<&Limits> for RateSettings {
    fn from(limits: &Limits) -> RateSettings {
        let Limits { requests_per_s, burst, .. } = *limits;
        RateSettings { requests_per_s, burst }
    }
}

impl RateSettings {
    /// The rate of an aggregator; `None` for no limit.
    fn of(&self, own: Option<i64>) -> Option<Rate> {
        let own = own.and_then(|n| NonZeroU32::new(u32::try_from(n).unwrap_or(u32::MAX)));
        let service = NonZeroU32::new(self.requests_per_s);
        let (per_s, burst) = match (own, service) {
            (None, None) => return None,
            (None, Some(service)) => (service, u64::from(self.burst)),
            // In proportion: a burst of the service's size would make a small rate meaningless.
            (Some(own), Some(service)) => {
                (own, u64::from(own.get()) * u64::from(self.burst) / u64::from(service.get()))
            }
            (Some(own), None) => (own, u64::from(own.get()) * u64::from(BURST_S)),
        };
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        Some(Rate { per_s, burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN) })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate {
    per_s: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// After a pause this long it is as if there had never been a request.
    fn recovers_in(self) -> Duration {
        let seconds = f64::from(self.burst.get()) / f64::from(self.per_s.get());
        Duration::from_secs_f64(seconds) + Duration::from_secs(1)
    }
}

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

struct Bucket<C: Clock> {
    rate: Rate,
    limiter: Limiter<C>,
    used: C::Instant,
}

/// The requests of every aggregator, counted in this process.
pub struct Rates<C: Clock = DefaultClock> {
    settings: RwLock<RateSettings>,
    clock: C,
    buckets: Mutex<HashMap<AggregatorId, Bucket<C>>>,
}

impl Rates {
    /// Nobody has asked for anything yet.
    pub fn new(settings: RateSettings) -> Rates {
        Rates::with_clock(settings, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(settings: RateSettings, clock: C) -> Rates<C> {
        Rates { settings: RwLock::new(settings), clock, buckets: Mutex::default() }
    }

    /// From now on this is the service's own rate. An aggregator whose rate changes by that begins with a full burst.
    pub fn set(&self, settings: RateSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    fn settings(&self) -> RateSettings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request of an aggregator, which may have a rate of its `own`; an error says that it is
    /// one too many.
    pub fn check(&self, aggregator: AggregatorId, own: Option<i64>) -> Result<(), Exceeded> {
        let Some(rate) = self.settings().of(own) else { return Ok(()) };
        let now = self.clock.now();
        // Between any two statements the map is consistent, so a panic elsewhere does not spoil it.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.contains_key(&aggregator) {
            // Who comes back after a pause finds a full bucket, so an idle one need not be kept.
            buckets.retain(|_, bucket| {
                Duration::from(now.duration_since(bucket.used)) < bucket.rate.recovers_in()
            });
        }
        let bucket = buckets.entry(aggregator).or_insert_with(|| self.bucket(rate, now));
        if bucket.rate != rate {
            // Its rate was changed, and counts from now on.
            *bucket = self.bucket(rate, now);
        }
        bucket.used = now;
        bucket.limiter.check().map_err(|not_until| Exceeded::Rate {
            per_s: rate.per_s.get(),
            retry_after: not_until.wait_time_from(now),
        })
    }

    fn bucket(&self, rate: Rate, now: C::Instant) -> Bucket<C> {
        let quota = Quota::per_second(rate.per_s).allow_burst(rate.burst);
        let limiter = RateLimiter::direct_with_clock(quota, self.clock.clone());
        Bucket { rate, limiter, used: now }
    }
}

impl<C: Clock> std::fmt::Debug for Rates<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rates")
            .field("settings", &*self.settings.read().unwrap_or_else(PoisonError::into_inner))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const ONE: AggregatorId = AggregatorId(1);
    const TWO: AggregatorId = AggregatorId(2);

    fn rates(requests_per_s: u32, burst: u32) -> (Rates<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Rates::with_clock(RateSettings { requests_per_s, burst }, clock.clone()), clock)
    }

    fn accepted(rates: &Rates<FakeRelativeClock>, who: AggregatorId, own: Option<i64>) -> usize {
        (0..10_000).take_while(|_| rates.check(who, own).is_ok()).count()
    }

    #[test]
    fn a_burst_is_accepted_and_then_the_rate() {
        let (rates, clock) = rates(10, 20);
        assert_eq!(accepted(&rates, ONE, None), 20);
        let Err(Exceeded::Rate { per_s, retry_after }) = rates.check(ONE, None) else {
            panic!("accepted")
        };
        assert_eq!((per_s, retry_after), (10, Duration::from_millis(100)));
        clock.advance(retry_after);
        assert_eq!(accepted(&rates, ONE, None), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(accepted(&rates, ONE, None), 10);
        clock.advance(Duration::from_secs(60));
        assert_eq!(accepted(&rates, ONE, None), 20, "no more than the burst gathers");
    }

    #[test]
    fn aggregators_do_not_use_up_each_others_rate() {
        let (rates, _) = rates(10, 20);
        assert_eq!(accepted(&rates, ONE, None), 20);
        assert_eq!(accepted(&rates, TWO, None), 20);
    }

    #[test]
    fn a_rate_of_its_own_counts_at_once_with_a_burst_in_proportion() {
        let (rates, clock) = rates(10, 20);
        assert_eq!(accepted(&rates, ONE, None), 20);
        assert_eq!(accepted(&rates, ONE, Some(500)), 1000);
        assert_eq!(accepted(&rates, TWO, Some(1)), 2);
        clock.advance(Duration::from_secs(1));
        assert_eq!(accepted(&rates, TWO, Some(1)), 1);
        assert_eq!(
            RateSettings { requests_per_s: 2000, burst: 10 }.of(Some(1)).unwrap().burst,
            NonZeroU32::MIN
        );
    }

    #[test]
    fn without_a_rate_everything_is_accepted_but_from_who_has_one() {
        let (rates, _) = rates(0, 1);
        assert_eq!(accepted(&rates, ONE, None), 10_000);
        assert_eq!(accepted(&rates, TWO, Some(3)), 6);
    }

    #[test]
    fn who_is_idle_is_forgotten_and_who_is_not_is_not() {
        let (rates, clock) = rates(1, 10);
        for who in 0..1000 {
            rates.check(AggregatorId(who), None).unwrap();
        }
        clock.advance(Duration::from_secs(10));
        assert_eq!(accepted(&rates, ONE, None), 10);
        clock.advance(Duration::from_secs(5));
        rates.check(AggregatorId(5000), None).unwrap();
        assert_eq!(rates.buckets.lock().unwrap().len(), 2);
        assert_eq!(accepted(&rates, ONE, None), 5, "it is as empty as it was");
    }
}
