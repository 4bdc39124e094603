//! A store that refuses writes: every process says so within two seconds, and names the store.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::Site;
use crate::support::place::Place;

/// What is promised, and what a busy machine adds to the look itself.
const SAYS_WITHIN: Duration =
    Duration::from_millis(if cfg!(debug_assertions) { 3000 } else { 2200 });
const LOOK: Duration = Duration::from_millis(100);

impl Site {
    /// PostgreSQL can be read, and refuses every write; readiness is held against it.
    pub(crate) async fn read_only(&self, lasts: Duration) {
        let Place::Postgres(database) = &self.place else { return };
        let end = Instant::now() + lasts;
        if database.read_only(true).await.is_ok() {
            let since = Instant::now();
            let mut told = vec![false; self.doors.len()];
            while since.elapsed() < SAYS_WITHIN && told.contains(&false) {
                for (told, door) in told.iter_mut().zip(&self.doors) {
                    let url = format!("http://127.0.0.1:{}", door.port);
                    *told |= self.probe.names(&url, "store").await;
                }
                sleep(LOOK).await;
            }
            for number in (0..told.len()).filter(|number| !told[*number]) {
                let what = format!("process {number} did not say in time that its store refuses");
                self.complaints.lock().await.push(what);
            }
        }
        sleep_until(end).await;
        while database.read_only(false).await.is_err() {
            sleep(LOOK).await;
        }
    }
}
