//! A message of an upstream service: as it is published, as a consumer reads it, and as it is kept when nobody can
//! make a task of it.

use jiff::Timestamp;
use tokio::time::Instant;

use crate::domain::dead_letter::{DeadLetter, Door};
use crate::queue::amqp::upstream::UpstreamMessage;

/// The service's own user.
pub(crate) const SERVICE: &str = "wsa";
/// Why a message is dead that nobody was handed in time.
pub(crate) const EXPIRED: &str = "the broker gave it up in wsa.upstream: expired";
/// The user that publishes.
pub(crate) const USER: &str = "kiosk";

/// A message of an upstream service.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub message_id: String,
    pub reply_to: Option<String>,
    /// Who publishes it, and in whose name.
    pub user: &'static str,
    pub aggregator: Option<String>,
    /// In milliseconds.
    pub expiration: Option<u64>,
    pub body: String,
    pub(crate) number: u64,
    pub(crate) expires: Option<Instant>,
    pub(crate) redelivered: bool,
}

impl Publication {
    pub(crate) fn new(message_id: String, reply_to: String, body: String) -> Publication {
        Publication { reply_to: Some(reply_to), ..Publication::by(USER, message_id, body) }
    }

    /// Of a task that was dead, as the service itself publishes it.
    pub(crate) fn again(message_id: String, aggregator: String, body: String) -> Publication {
        Publication { aggregator: Some(aggregator), ..Publication::by(SERVICE, message_id, body) }
    }

    fn by(user: &'static str, message_id: String, body: String) -> Publication {
        let (reply_to, aggregator, expiration, expires) = (None, None, None, None);
        let (number, redelivered) = (0, false);
        Publication {
            message_id,
            reply_to,
            user,
            aggregator,
            expiration,
            body,
            number,
            expires,
            redelivered,
        }
    }

    /// What becomes of it when nobody can make a task of it.
    pub(crate) fn dead(&self, reason: String, told: bool) -> DeadLetter {
        let told = told.then(|| "its publisher was told that it is refused".to_owned());
        DeadLetter {
            message_id: Some(self.message_id.clone()).filter(|id| !id.is_empty()),
            publisher: Some(self.user.to_owned()),
            aggregator: self.aggregator.clone(),
            denied: told.or_else(|| self.expiration.map(|ms| format!("it had {ms} ms"))),
            body: Some(self.body.clone().into_bytes()),
            ..DeadLetter::new(Door::Upstream, reason)
        }
    }
}

/// As a consumer reads it.
pub(crate) fn message(publication: Publication, not_before: Timestamp) -> UpstreamMessage {
    UpstreamMessage {
        body: publication.body.into_bytes(),
        user_id: Some(publication.user.to_owned()),
        aggregator: publication.aggregator,
        message_id: Some(publication.message_id).filter(|id| !id.is_empty()),
        reply_to: publication.reply_to,
        correlation_id: None,
        expiration: publication.expiration.map(|ms| ms.to_string()),
        timestamp: None,
        not_before,
        redelivered: publication.redelivered,
        traceparent: None,
        tag: publication.number,
    }
}
