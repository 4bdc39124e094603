//! Publishing into the queue of upstream services.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep};

use super::publication::Publication;
use crate::simulation::context::{Part, Simulation, lock};

/// What became of a message that was published.
pub(crate) struct Published {
    /// Whether the broker said that it has it.
    pub confirmed: bool,
    /// How often it has it.
    pub copies: u64,
}

impl Simulation {
    /// An upstream service publishes.
    pub(crate) async fn publish(&self, publication: &Publication) -> Published {
        let rates = self.fault_rates();
        let delay = self.dice().random_range(0..4);
        sleep(Duration::from_millis(delay)).await;
        let away = || self.is_away_for_all(Part::Broker);
        if away() || self.strikes(rates.cut_before, "messages that did not get to the broker") {
            return Published { confirmed: false, copies: 0 };
        }
        let copies = 1 + u64::from(self.strikes(rates.doubled, "messages doubled"));
        let mut state = lock(&self.broker.intake.state);
        for _ in 0..copies {
            state.next += 1;
            let number = state.next;
            let lasting = publication.expiration.map(Duration::from_millis);
            let expires = lasting.map(|lasting| Instant::now() + lasting);
            state.waiting.push_back(Publication { number, expires, ..publication.clone() });
        }
        self.note("upstream", "published", &publication.message_id);
        self.broker.intake.hand_out(&mut state, self);
        drop(state);
        let confirmed = !self.strikes(rates.cut_after, "confirms that were not heard");
        Published { confirmed, copies }
    }
}
