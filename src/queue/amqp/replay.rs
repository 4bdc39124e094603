//! A message of an upstream service, published once more: by the service's own user, for the aggregator whose message
//! it was. Without the time that it was of use for, which is over, and without `reply_to`, which only its own user may
//! name: the answer goes into the aggregator's subscriptions.

use std::borrow::Cow;

use lapin::types::{AMQPValue, FieldTable};

use super::AmqpQueue;
use super::publisher::{self, Outgoing};
use super::topology::{Names, UPSTREAM_KEY};
use super::upstream::AGGREGATOR_HEADER;
use crate::queue::QueueError;

pub use crate::queue::Replay;

impl AmqpQueue {
    /// Publishes messages of upstream services again, confirmed.
    pub async fn replay(&self, messages: &[Replay]) -> Result<(), QueueError> {
        let link = self.link().ok_or(QueueError::NotConnected)?;
        let user = self.settings.user();
        let outgoing =
            messages.iter().map(|message| message.outgoing(&self.names, &user)).collect();
        link.publisher.send(outgoing, self.settings.confirm_timeout).await
    }
}

impl Replay {
    fn outgoing<'a>(&'a self, names: &'a Names, user: &str) -> Outgoing<'a> {
        let mut headers = FieldTable::default();
        let aggregator = AMQPValue::LongString(self.aggregator.as_str().into());
        headers.insert(AGGREGATOR_HEADER.into(), aggregator);
        let mut properties = publisher::ours().with_user_id(user.into()).with_headers(headers);
        if let Some(id) = &self.message_id {
            properties = properties.with_message_id(id.as_str().into());
        }
        Outgoing {
            exchange: &names.tasks,
            routing_key: UPSTREAM_KEY.into(),
            body: Cow::Borrowed(&self.body),
            properties,
            mandatory: true,
        }
    }
}
