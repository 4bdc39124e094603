//! Since when a delivery can have been handed out at the earliest, by the database's clock.
//!
//! A message with an expiration is of use for so long and no longer, and a broker drops it only until it
//! has handed it out. What was handed out may then lie in a socket, or in a process that stands still, for any
//! time. No clock of a node counts, so a consumer measures it: it reads the database's clock and has the
//! broker echo something on the channel of its deliveries. Frames on a channel keep their order: what comes
//! after the echo was sent after the clock was read.
//!
//! Nothing here knows a broker or a store: the rule can be tested by itself.

use jiff::{SignedDuration, Timestamp};

/// The clock of one consumer.
#[derive(Debug, Clone, Copy)]
pub struct EchoClock {
    in_force: Timestamp,
}

impl EchoClock {
    /// The clock of a consumer that subscribed after `read` was read.
    pub fn subscribed_after(read: Timestamp) -> EchoClock {
        EchoClock { in_force: read }
    }

    /// The echo that was asked for after `read` was read is there. Everything that came before the echo must
    /// have got its [`EchoClock::not_before`] by now, and nothing that came after it.
    pub fn echoed(&mut self, read: Timestamp) {
        // Not the later of the two: when the database's clock is set back, this is its word from now on.
        self.in_force = read;
    }

    /// What is delivered now was not handed out before this.
    pub fn not_before(&self) -> Timestamp {
        self.in_force
    }
}

/// When a message with this expiration, which the broker handed out at `not_before` at the earliest, is of no use
/// any more. The broker handed it out within its expiration after it was published, so this is at most twice
/// the expiration after that, whatever stood still since.
pub fn expires_at(not_before: Timestamp, expiration_ms: i64) -> Timestamp {
    not_before.saturating_add(SignedDuration::from_millis(expiration_ms)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    /// A wire that keeps its order, read by a process that reads when it can.
    #[derive(Clone, Copy)]
    enum Frame {
        Delivery { handed_out: i64 },
        Echo { read: i64 },
    }

    fn tags(subscribed: i64, frames: &[Frame]) -> Vec<(i64, Timestamp)> {
        let mut clock = EchoClock::subscribed_after(at(subscribed));
        let mut tags = Vec::new();
        for frame in frames {
            match frame {
                Frame::Delivery { handed_out } => tags.push((*handed_out, clock.not_before())),
                Frame::Echo { read } => clock.echoed(at(*read)),
            }
        }
        tags
    }

    #[test]
    fn a_delivery_is_never_taken_for_younger_than_it_is() {
        // Each echo is asked for after its reading, and answered at one of the moments after that.
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            (state >> 33) % below
        };
        for _ in 0..1000 {
            let (mut now, mut frames, mut asked) = (random(1000) as i64, Vec::new(), None);
            let subscribed = now;
            for _ in 0..50 {
                now += random(500) as i64;
                match (random(3), asked) {
                    (0, None) => asked = Some(now),
                    (0, Some(read)) => {
                        frames.push(Frame::Echo { read });
                        asked = None;
                    }
                    _ => frames.push(Frame::Delivery { handed_out: now }),
                }
            }
            for (handed_out, not_before) in tags(subscribed, &frames) {
                assert!(not_before <= at(handed_out));
            }
        }
    }

    #[test]
    fn what_came_before_the_echo_keeps_the_older_moment() {
        let frames = [
            Frame::Delivery { handed_out: 900 },
            Frame::Echo { read: 1000 },
            Frame::Delivery { handed_out: 1000 },
        ];
        assert_eq!(tags(0, &frames), [(900, at(0)), (1000, at(1000))]);
    }

    #[test]
    fn a_clock_that_is_set_back_is_believed() {
        let mut clock = EchoClock::subscribed_after(at(5000));
        clock.echoed(at(1000));
        assert_eq!(clock.not_before(), at(1000));
    }

    #[test]
    fn the_longest_expiration_ends_some_time() {
        assert_eq!(expires_at(at(1000), 0), at(1000));
        assert_eq!(expires_at(at(1000), 1500), at(2500));
        assert_eq!(expires_at(at(1000), i64::MAX), Timestamp::MAX);
    }
}
