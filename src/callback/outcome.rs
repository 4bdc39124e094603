//! What becomes of an attempt: of the delivery, and of its URL.

use crate::config::schedule::Schedule;

/// How an attempt ended: the status of the answer, or why there is none.
pub type Ended = Result<u16, String>;

/// The receiver wants nothing any more.
const GONE: u16 = 410;
const SECONDS_A_DAY: i64 = 86_400;

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The receiver has it.
    Delivered,
    /// It is tried again in so many seconds.
    Again(i64),
    /// It was tried often enough, or its receiver is gone.
    Failed,
}

impl DeliveryOutcome {
    /// The word for it in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryOutcome::Delivered => "delivered",
            DeliveryOutcome::Again(_) => "again",
            DeliveryOutcome::Failed => "given_up",
        }
    }
}

/// Whether the receiver said that it wants nothing any more.
pub fn is_gone(ended: &Ended) -> bool {
    *ended == Ok(GONE)
}

/// What becomes of the delivery whose `attempt` (1 is the first) ended so.
pub fn delivery_outcome(ended: &Ended, attempt: i64, schedule: &Schedule) -> DeliveryOutcome {
    match ended {
        Ok(200..=299) => DeliveryOutcome::Delivered,
        Ok(GONE) => DeliveryOutcome::Failed,
        _ => schedule.pause_after(attempt).map_or(DeliveryOutcome::Failed, DeliveryOutcome::Again),
    }
}

/// What becomes of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointHealth {
    /// It took something.
    Well,
    /// It took nothing.
    Failing,
    /// It is switched off, for this reason.
    Off(String),
}

/// What becomes of the URL after these attempts; `failing_s` is for how long it has been failing.
pub fn endpoint_health<'a>(
    ended: impl IntoIterator<Item = &'a Ended>,
    failing_s: Option<i64>,
    failing_days: i64,
) -> EndpointHealth {
    let mut last_failure = None;
    let mut took_something = false;
    for ended in ended {
        match ended {
            Ok(GONE) => return EndpointHealth::Off("it answered 410 Gone".into()),
            Ok(200..=299) => took_something = true,
            failure => last_failure = Some(failure),
        }
    }
    let Some(failure) = last_failure.filter(|_| !took_something) else {
        return EndpointHealth::Well;
    };
    if failing_s.is_none_or(|failing_s| failing_s < failing_days * SECONDS_A_DAY) {
        return EndpointHealth::Failing;
    }
    let last = match failure {
        Ok(status) => format!("status {status}"),
        Err(error) => error.clone(),
    };
    EndpointHealth::Off(format!(
        "it has been failing for {failing_days} days; the last time: {last}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        Schedule::new(vec![0, 0]).unwrap()
    }

    fn no_connection() -> Ended {
        Err("no connection".into())
    }

    #[test]
    fn only_a_2xx_is_a_delivery() {
        for status in [200, 201, 204, 299] {
            assert_eq!(delivery_outcome(&Ok(status), 1, &schedule()), DeliveryOutcome::Delivered);
        }
        for status in [100, 199, 300, 302, 308, 400, 404, 429, 500, 503] {
            assert_eq!(
                delivery_outcome(&Ok(status), 1, &schedule()),
                DeliveryOutcome::Again(0),
                "{status}"
            );
        }
        assert_eq!(delivery_outcome(&no_connection(), 2, &schedule()), DeliveryOutcome::Again(0));
    }

    #[test]
    fn the_last_failure_and_410_end_it() {
        assert_eq!(delivery_outcome(&Ok(500), 3, &schedule()), DeliveryOutcome::Failed);
        assert_eq!(delivery_outcome(&Ok(410), 1, &schedule()), DeliveryOutcome::Failed);
        assert_eq!(delivery_outcome(&Ok(200), 3, &schedule()), DeliveryOutcome::Delivered);
    }

    #[test]
    fn a_url_is_switched_off_by_410_at_once() {
        let off = endpoint_health(&[Ok(200), Ok(410)], None, 7);
        assert_eq!(off, EndpointHealth::Off("it answered 410 Gone".into()));
    }

    #[test]
    fn a_url_is_switched_off_after_seven_failing_days_and_not_before() {
        let week = 7 * SECONDS_A_DAY;
        assert_eq!(endpoint_health(&[Ok(500)], None, 7), EndpointHealth::Failing);
        assert_eq!(endpoint_health(&[Ok(500)], Some(week - 1), 7), EndpointHealth::Failing);
        let EndpointHealth::Off(reason) = endpoint_health(&[no_connection()], Some(week), 7) else {
            panic!("it is off");
        };
        assert_eq!(reason, "it has been failing for 7 days; the last time: no connection");
        let reason = endpoint_health(&[Ok(503)], Some(week), 7);
        assert!(matches!(reason, EndpointHealth::Off(reason) if reason.ends_with("status 503")));
    }

    #[test]
    fn one_success_ends_the_failing() {
        assert_eq!(endpoint_health(&[Ok(500), Ok(204)], Some(i64::MAX), 7), EndpointHealth::Well);
        assert_eq!(endpoint_health(&[], Some(i64::MAX), 7), EndpointHealth::Well);
    }
}
