//! How fast answers come, and how soon they do again after a fault.

use std::ops::Range;
use std::time::Duration;

/// From how many calm seconds the pace before a fault is taken.
const BEFORE: usize = 10;
const WINDOW_MS: u32 = 1000;
/// How finely the moment is looked for.
const STEP_MS: u32 = 100;

/// Answers a second before a fault: the median of the last ten seconds that had no trouble, but not more than
/// there were a second so far: what makes up for an outage is faster than what is asked for. `answered` are
/// the moments in milliseconds, in order; `troubled` is when earlier faults were not over and done.
pub fn before(answered: &[u32], begin: Duration, troubled: &[Range<Duration>]) -> u32 {
    let begin = millis(begin);
    let calm = |from: &u32| {
        let overlaps = |trouble: &Range<Duration>| {
            *from < millis(trouble.end) && millis(trouble.start) < from + WINDOW_MS
        };
        !troubled.iter().any(overlaps)
    };
    let seconds = (1..=begin / WINDOW_MS).map(|n| begin - n * WINDOW_MS);
    let mut counts: Vec<u32> =
        seconds.filter(calm).take(BEFORE).map(|from| count(answered, from)).collect();
    counts.sort_unstable();
    let so_far = answered.len() * WINDOW_MS as usize / begin.max(1) as usize;
    let so_far = u32::try_from(so_far).unwrap_or(u32::MAX);
    counts.get(counts.len() / 2).copied().unwrap_or(0).min(so_far)
}

/// How long after its end the first second begins in which at least 80 % of the pace before is reached;
/// `None` when that is not yet so at `now`.
pub fn recovery(answered: &[u32], pace: u32, end: Duration, now: Duration) -> Option<Duration> {
    let (end, now) = (millis(end), millis(now));
    let mut begins = (end..).step_by(STEP_MS as usize).take_while(|at| at + WINDOW_MS <= now);
    let back = begins.find(|at| count(answered, *at) * 5 >= pace * 4)?;
    Some(Duration::from_millis(u64::from(back - end)))
}

/// The answers of the second that begins there.
fn count(answered: &[u32], from: u32) -> u32 {
    let first = answered.partition_point(|at| *at < from);
    let last = answered.partition_point(|at| *at < from + WINDOW_MS);
    u32::try_from(last - first).unwrap_or(u32::MAX)
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    /// Ten answers a second up to a moment, and again from another on.
    fn with_a_gap(from_ms: u32, to_ms: u32) -> Vec<u32> {
        (0..40_000).step_by(100).filter(|at| !(from_ms..to_ms).contains(at)).collect()
    }

    #[test]
    fn recovery_is_counted_from_the_end_of_the_fault() {
        let answered = with_a_gap(12_000, 17_500);
        assert_eq!(before(&answered, S(12), &[]), 10);
        let back = recovery(&answered, 10, S(15), S(30));
        // A second that begins 200 ms before has 80 %.
        assert_eq!(back, Some(Duration::from_millis(2_300)));
        assert_eq!(recovery(&answered, 10, S(15), S(18)), None, "not yet");
    }

    #[test]
    fn the_pace_is_that_of_calm_seconds() {
        let answered = with_a_gap(12_000, 17_000);
        assert_eq!(before(&answered, S(18), &[]), 10, "the gap is the smaller half");
        assert_eq!(before(&with_a_gap(10_000, 17_000), S(18), &[]), 0);
        assert_eq!(before(&with_a_gap(10_000, 17_000), S(18), &[S(9)..S(17)]), 10);
    }

    #[test]
    fn what_makes_up_for_an_outage_is_not_the_pace() {
        // All that was not answered for ten seconds is answered within five.
        let late = (20_000..25_000).step_by(50);
        let mut answered: Vec<u32> = with_a_gap(10_000, 20_000).into_iter().chain(late).collect();
        answered.sort_unstable();
        answered.retain(|at| *at < 25_000);
        assert_eq!(before(&answered, S(25), &[S(10)..S(20), S(0)..S(9)]), 10);
    }

    #[test]
    fn what_did_not_stop_has_recovered_at_once() {
        assert_eq!(recovery(&with_a_gap(0, 0), 10, S(15), S(16)), Some(Duration::ZERO));
    }

    #[test]
    fn an_outlier_does_not_make_the_pace() {
        let mut answered = with_a_gap(5_000, 7_000);
        answered.extend([8_050; 100]);
        answered.sort_unstable();
        assert_eq!(before(&answered, S(12), &[]), 10);
    }
}
