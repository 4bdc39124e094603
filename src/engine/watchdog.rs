//! Notices lanes that are subscribed and get nothing although tasks wait, which no error tells: a broker that
//! forgot a consumer, a network that lost what was sent. New connections are the cure.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::health::Pulse;

/// How long a lane may get nothing while tasks wait.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// It doubles with each cure that did not help, up to this.
const LONGEST_PATIENCE: Duration = Duration::from_secs(300);

/// What was seen longer ago than this, before the store or the broker was lost, says nothing.
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// Where tasks wait, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Some are ready in the queue, for whoever consumes.
    pub ready: bool,
    /// Some have been open in the store for longer than their way through the queue takes: in somebody's
    /// hands, or lost on their way.
    pub overdue: bool,
}

/// Watches the lanes of a process.
#[derive(Debug)]
pub struct Watchdog {
    lanes: Vec<Lane>,
    patience: Duration,
    last_look: Option<Instant>,
}

#[derive(Debug)]
struct Lane {
    pulse: Arc<Pulse>,
    /// After how many batches it waits, and since when tasks wait as well.
    waits: Option<(u64, Instant)>,
}

impl Watchdog {
    /// Watches these lanes.
    pub fn new(pulses: Vec<Arc<Pulse>>) -> Watchdog {
        let lanes = pulses.into_iter().map(|pulse| Lane { pulse, waits: None }).collect();
        Watchdog { lanes, patience: PATIENCE, last_look: None }
    }

    /// Looks at the lanes; `true`: some get nothing, make new connections.
    pub fn look(&mut self, waiting: Waiting, now: Instant) -> bool {
        let last = self.last_look.replace(now);
        if last.is_some_and(|last| now.duration_since(last) > LONGEST_GAP) {
            self.lanes.iter_mut().for_each(|lane| lane.waits = None);
        }
        let idle = self.lanes.iter().all(|lane| lane.pulse.waiting_after().is_some());
        // What is in the store alone may be in the hands of a lane that is busy.
        let missed = waiting.ready || (waiting.overdue && idle);
        let mut silent = false;
        for lane in &mut self.lanes {
            let received = lane.pulse.waiting_after().filter(|_| missed);
            lane.waits = match (lane.waits, received) {
                (Some((before, since)), Some(received)) if before == received => {
                    Some((before, since))
                }
                (_, Some(received)) => Some((received, now)),
                (_, None) => {
                    lane.pulse.set_silent(false);
                    None
                }
            };
            silent |=
                lane.waits.is_some_and(|(_, since)| now.duration_since(since) >= self.patience);
        }
        if !silent {
            if self.lanes.iter().all(|lane| lane.waits.is_none()) {
                self.patience = PATIENCE;
            }
            return false;
        }
        for lane in &mut self.lanes {
            if let Some((_, since)) = &mut lane.waits {
                let is_silent = now.duration_since(*since) >= self.patience;
                lane.pulse.set_silent(is_silent);
                *since = now;
            }
        }
        self.patience = (self.patience * 2).min(LONGEST_PATIENCE);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Waiting = Waiting { ready: false, overdue: false };
    const READY: Waiting = Waiting { ready: true, overdue: false };
    const OVERDUE: Waiting = Waiting { ready: false, overdue: true };

    struct Case {
        dog: Watchdog,
        pulses: Vec<Arc<Pulse>>,
        now: Instant,
    }

    impl Case {
        fn of(lanes: usize) -> Case {
            let pulses: Vec<_> = (0..lanes).map(|_| Pulse::new()).collect();
            pulses.iter().for_each(|pulse| pulse.beat());
            Case { dog: Watchdog::new(pulses.clone()), pulses, now: Instant::now() }
        }

        /// Looks once a second; tells after how many seconds it barked, if it did.
        fn watch(&mut self, waiting: Waiting, seconds: u64) -> Option<u64> {
            (0..=seconds).find(|_| {
                let barks = self.dog.look(waiting, self.now);
                self.now += Duration::from_secs(1);
                barks
            })
        }
    }

    #[tokio::test]
    async fn a_lane_that_gets_nothing_of_what_waits_is_silent() {
        let mut case = Case::of(1);
        assert_eq!(case.watch(NOTHING, 1000), None, "nothing waits");
        assert_eq!(case.watch(READY, 1000), Some(10));
        assert!(!case.pulses[0].is_alive());
        assert_eq!(case.watch(READY, 1000), Some(19), "the second cure comes later");
        assert_eq!(case.watch(READY, 1000), Some(39));
        case.pulses[0].begin();
        case.pulses[0].end();
        assert!(case.pulses[0].is_alive(), "it got something");
        assert_eq!(case.watch(NOTHING, 3), None);
        assert_eq!(case.watch(READY, 1000), Some(10), "patience is as short again");
    }

    #[tokio::test]
    async fn a_lane_that_works_or_gets_something_is_not() {
        let mut case = Case::of(2);
        for _ in 0..30 {
            case.pulses[0].begin();
            case.pulses[1].begin();
            case.pulses[1].end();
            assert_eq!(case.watch(READY, 5), None);
        }
        case.pulses[0].end();
        case.pulses[0].begin();
        assert_eq!(case.watch(OVERDUE, 1000), None, "the other may have it");
        assert_eq!(case.watch(READY, 1000), Some(10), "one of two gets nothing");
        assert!(case.pulses[0].is_alive() && !case.pulses[1].is_alive());
    }

    #[tokio::test]
    async fn what_nobody_looked_at_is_not_held_against_a_lane() {
        let mut case = Case::of(1);
        assert_eq!(case.watch(READY, 8), None);
        case.now += Duration::from_secs(60);
        assert_eq!(case.watch(READY, 1000), Some(10), "the store was away in between");
    }

    #[tokio::test]
    async fn what_was_lost_on_its_way_is_missed_by_a_process_that_does_nothing() {
        let mut case = Case::of(2);
        assert_eq!(case.watch(OVERDUE, 1000), Some(10));
        assert_eq!(case.watch(NOTHING, 0), None);
        assert!(case.pulses.iter().all(|pulse| pulse.is_alive()), "it waits for nothing now");
    }
}
