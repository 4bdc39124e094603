//! How long to wait before connecting again.

use std::time::Duration;

use rand::RngExt;
use tokio::time::sleep;

/// The pause after the first failure; it doubles with each.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause: a broker that is back is used again within this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A link that lasted this long was a good one, and its loss is a first one.
pub(super) const STEADY: Duration = Duration::from_secs(10);
/// The losses of young links that lengthen the pause; more do not. The broker is there, and what ends
/// each link may be a message that the client library cannot parse: only delivering it often enough
/// makes the broker take it for a dead letter.
pub(super) const MOST_LOSSES: u32 = 3;
/// Waits half of the pause at least; the rest is chance, so that many processes that lost the same broker
/// do not come back in step.
pub(super) async fn pause(failures: u32) {
    let pause = pause_after(failures).mul_f64(rand::rng().random_range(0.5..=1.0));
    sleep(pause).await;
}

/// The pause after so many failures.
pub(super) fn pause_after(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    SHORTEST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_five_seconds() {
        let pauses = [1, 2, 3, 6, 7, 1000].map(|failures| pause_after(failures).as_millis());
        assert_eq!(pauses, [100, 200, 400, 3200, 5000, 5000]);
    }
}
