//! Samples of two processes, put together.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000_000 + seconds).unwrap()
}

fn sample(process: u128, seconds: i64, done: i64, p50_ms: i64) -> Sample {
    Sample {
        at: at(seconds),
        process: Uuid::from_u128(process),
        role: "worker".into(),
        host: "box:1".into(),
        version: "1".into(),
        since: at(0),
        lanes: 1,
        span_ms: 10_000,
        ending: false,
        trouble: String::new(),
        accepted: done,
        outcomes: BTreeMap::from([("done".to_owned(), done)]),
        p50_us: (done > 0).then_some(p50_ms * 1000),
        p99_us: (done > 0).then_some(p50_ms * 2000),
        in_flight: 0,
        queue_depth: 3,
        whole: (process == 1).then_some(Whole { open: 7, scheduled: 0, oldest_ms: 5, dead: 2 }),
    }
}

#[test]
fn processes_of_one_interval_are_added_and_intervals_follow_each_other() {
    let mut figures = Figures::default();
    let samples = [sample(1, 0, 100, 10), sample(2, 0, 300, 50), sample(1, 10, 200, 10)];
    figures.add(samples.to_vec());
    // Read twice, they count once.
    figures.add(samples.to_vec());
    figures.settle(at(15));
    let minute = figures.last(60_000);
    assert_eq!((minute.accepted, minute.answered(), minute.span_ms), (600, 600, 20_000));
    assert_eq!(minute.rate(minute.answered()), 30.0);
    // (100 * 10 + 300 * 50 + 200 * 10) / 600; and the worst.
    assert_eq!((minute.p50_us(), minute.p99_us), (Some(30_000), Some(100_000)));
    assert_eq!(figures.whole().unwrap().dead, 2);
}

#[test]
fn what_is_settled_stays_and_what_is_old_goes() {
    let mut figures = Figures::default();
    for seconds in (0..1000).step_by(10) {
        figures.add(vec![sample(1, seconds, 10, 1), sample(2, seconds, 10, 1)]);
        figures.settle(at(seconds));
    }
    assert!(figures.recent.len() < 50, "{}", figures.recent.len());
    assert_eq!(figures.last(48 * 3_600_000).answered(), 2000);
    // A step that nobody wrote in is told apart from one in which nothing happened.
    let steps = figures.steps(1_200_000, 100_000);
    assert_eq!(steps.len(), 12);
    assert!(steps[0].1.is_none());
    assert_eq!(
        steps.iter().filter_map(|(_, sum)| sum.as_ref()).map(Sum::answered).sum::<i64>(),
        2000
    );
    figures.settle(at(KEPT_MS / 1000 + 500));
    assert!(figures.last(KEPT_MS * 2).answered() < 1100);
}

#[test]
fn a_process_is_ready_or_not_or_silent_or_ended() {
    let mut figures = Figures::default();
    let trouble = Sample { trouble: "store: not reachable".into(), ..sample(2, 100, 0, 0) };
    let ended = Sample { ending: true, ..sample(3, 90, 0, 0) };
    figures.add(vec![sample(1, 100, 1, 1), trouble, ended, sample(4, 20, 1, 1)]);
    figures.settle(at(105));
    let mut standings: Vec<_> = figures
        .processes()
        .into_iter()
        .map(|(sample, standing)| (sample.process.as_u128(), standing))
        .collect();
    standings.sort_by_key(|(process, _)| *process);
    use Standing::{Ended, NotReady, Ready, Silent};
    assert_eq!(standings, [(1, Ready), (2, NotReady), (3, Ended), (4, Silent)]);
}
