//! What processes counted: written once an interval, read in order, forgotten.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wsa::engine::store::samples::{Sample, Whole};

use crate::support::stores::TestStore;

on_each_store![
    a_process_writes_one_row_an_interval_and_one_of_them_is_of_the_whole_store,
    samples_are_read_on_from_where_one_stopped,
    old_samples_are_forgotten,
];

fn sample(at: Timestamp, process: u128) -> Sample {
    Sample {
        at,
        process: Uuid::from_u128(process),
        role: "worker".into(),
        host: "box:17".into(),
        version: "1.2.3".into(),
        since: at - SignedDuration::from_hours(1),
        lanes: 2,
        span_ms: 10_000,
        ending: false,
        trouble: String::new(),
        accepted: 5,
        outcomes: BTreeMap::from([("done".to_owned(), 4), ("refused".to_owned(), 1)]),
        p50_us: Some(1500),
        p99_us: None,
        in_flight: 3,
        queue_depth: 9,
        whole: Some(Whole { open: 7, scheduled: 1, oldest_ms: 250, dead: 0 }),
    }
}

/// A round number of seconds: what databases keep is what was written.
async fn now(store: &TestStore) -> Timestamp {
    Timestamp::from_second(store.clock().await.unwrap().as_second()).unwrap()
}

async fn a_process_writes_one_row_an_interval_and_one_of_them_is_of_the_whole_store(
    store: &TestStore,
) {
    let at = now(store).await;
    let (one, two) = (sample(at, 1), sample(at, 2));
    assert!(store.write_sample(&one).await.unwrap());
    assert!(store.write_sample(&two).await.unwrap());
    let again = Sample { accepted: 100, ..one.clone() };
    assert!(!store.write_sample(&again).await.unwrap(), "it has one of this interval");
    let read = store.samples_after(Timestamp::UNIX_EPOCH, Uuid::nil(), 10).await.unwrap();
    assert_eq!(read, [one, Sample { whole: None, ..two }]);
    // In the next interval it is whoever comes first.
    let next = sample(at + SignedDuration::from_secs(10), 2);
    assert!(store.write_sample(&next).await.unwrap());
    let read = store.samples_after(at, Uuid::max(), 10).await.unwrap();
    assert_eq!(read, [next]);
}

async fn samples_are_read_on_from_where_one_stopped(store: &TestStore) {
    let at = now(store).await;
    let mut expected = Vec::new();
    for interval in 0..3 {
        for process in [1, 2] {
            let at = at + SignedDuration::from_secs(interval);
            store.write_sample(&sample(at, process)).await.unwrap();
            expected.push((at, Uuid::from_u128(process)));
        }
    }
    let (mut after, mut found) = ((Timestamp::UNIX_EPOCH, Uuid::nil()), Vec::new());
    loop {
        let read = store.samples_after(after.0, after.1, 2).await.unwrap();
        let Some(last) = read.last() else { break };
        after = (last.at, last.process);
        found.extend(read.iter().map(|sample| (sample.at, sample.process)));
    }
    assert_eq!(found, expected);
}

async fn old_samples_are_forgotten(store: &TestStore) {
    let at = now(store).await;
    for hours in [50, 49, 1] {
        let at = at - SignedDuration::from_hours(hours);
        assert!(store.write_sample(&sample(at, 1)).await.unwrap());
    }
    assert!(store.forget_samples(48 * 3600, 1).await.unwrap(), "there may be more");
    assert!(store.forget_samples(48 * 3600, 1).await.unwrap());
    assert!(!store.forget_samples(48 * 3600, 1).await.unwrap());
    let left = store.samples_after(Timestamp::UNIX_EPOCH, Uuid::nil(), 10).await.unwrap();
    assert_eq!(left.len(), 1);
}
