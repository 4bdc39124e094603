//! What the tests share: fresh stores and queues, an application on top of them, a client for it, and
//! a look at the books afterwards.

// Two test binaries share this, and neither uses all of it.
#![allow(dead_code)]

pub mod app;
pub mod ask;
pub mod audit;
pub mod books;
pub mod broker;
pub mod browser;
pub mod callbacks;
pub mod catalogue;
pub mod certificates;
pub mod client;
pub mod collector;
pub mod contract;
pub mod database;
pub mod frames;
pub mod gate;
pub mod kiosk;
pub mod one_connection;
pub mod place;
pub mod process;
pub mod proxy;
pub mod queues;
pub mod raw;
pub mod receiver;
pub mod reference;
pub mod script;
pub mod servers;
pub mod shown;
pub mod small_postgres;
pub mod spoil;
pub mod stores;
pub mod tls_servers;
pub mod wire;

use std::future::Future;
use std::time::{Duration, Instant};

/// Longer than anything takes on a machine that is not broken.
pub const BOUND: Duration = Duration::from_secs(30);

/// Waits until `check` says yes.
pub async fn eventually(what: &str, check: impl AsyncFnMut() -> bool) {
    eventually_within(BOUND, what, check).await;
}

/// As [`eventually`], for what takes longer.
pub async fn eventually_within(bound: Duration, what: &str, mut check: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + bound;
    // Also of a look that does not end.
    while !soon_within(bound + BOUND, what, check()).await {
        assert!(Instant::now() < until, "not within {bound:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for `event`, but not for ever.
pub async fn soon<T>(what: &str, event: impl Future<Output = T>) -> T {
    soon_within(BOUND, what, event).await
}

/// As [`soon`], for what takes longer.
pub async fn soon_within<T>(bound: Duration, what: &str, event: impl Future<Output = T>) -> T {
    let event = tokio::time::timeout(bound, event).await;
    event.unwrap_or_else(|_| panic!("not within {bound:?}: {what}"))
}

/// Runs asynchronous work to its end where nothing can be awaited: when something is dropped.
pub fn to_its_end(work: impl Future<Output = ()> + Send + 'static) {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { drop(tokio::time::timeout(BOUND, work).await) });
    };
    // A failure to clean up is not worth a second panic.
    drop(std::thread::spawn(run).join());
}
