//! Upstream tasks with an expiration of a few seconds, and a client that asks once it is twice over.

use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use rand::RngExt;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Runner, pay, word};
use crate::errand::{Run, Word};
use crate::scenario::Way;
use crate::support::kiosk::USER;
use crate::support::servers;

const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);
/// It asks once more after this, when whatever was frozen goes on.
const LATER: Duration = Duration::from_secs(8);

/// A connection to RabbitMQ, past every relay; made again when it is lost.
pub(super) struct Publisher {
    exchange: String,
    line: Mutex<Option<(Connection, Channel)>>,
}

impl Publisher {
    pub(super) fn to(prefix: &str) -> Publisher {
        Publisher { exchange: format!("{prefix}.tasks"), line: Mutex::new(None) }
    }

    async fn channel(&self) -> lapin::Result<Channel> {
        let mut line = self.line.lock().await;
        if let Some((connection, channel)) = &*line
            && connection.status().connected()
            && channel.status().connected()
        {
            return Ok(channel.clone());
        }
        let url = servers::amqp_url();
        let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        *line = Some((connection, channel.clone()));
        Ok(channel)
    }

    /// Whether the broker has confirmed and routed it.
    async fn publish(&self, id: Uuid, expiration_ms: u64, body: &str) -> lapin::Result<bool> {
        let properties = BasicProperties::default()
            .with_user_id(USER.into())
            .with_message_id(id.to_string().into())
            .with_expiration(expiration_ms.to_string().into());
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let exchange = self.exchange.as_str().into();
        let channel = self.channel().await?;
        let publish =
            channel.basic_publish(exchange, "in".into(), options, body.as_bytes(), properties);
        let confirm = publish.await?.await?;
        Ok(confirm.is_ack() && confirm.take_message().is_none())
    }
}

impl Runner {
    pub(super) async fn expiring(&self, run: &mut Run) {
        let (guid, expiration_ms) = (Uuid::now_v7(), rand::rng().random_range(1000..=3000));
        run.guid = Some(guid);
        let body = pay(run.order).asynchronous().to_string();
        let publish = timeout(PATIENCE, self.publisher.publish(guid, expiration_ms, &body));
        // Without a confirm nothing is known.
        let Ok(Ok(true)) = publish.await else { return };
        sleep(Duration::from_millis(2 * expiration_ms)).await;
        self.ask(run, guid).await;
        sleep(LATER).await;
        self.ask(run, guid).await;
    }

    /// `GetTaskResponse` until it says something.
    async fn ask(&self, run: &mut Run, guid: Uuid) {
        let body = json!({"taskType": "GetTaskResponse", "params": {"taskGuid": guid}}).to_string();
        for attempt in 0.. {
            let door = &self.clients.door;
            let asked = door
                .post(
                    attempt,
                    wsa::protocols::whiteserver::http::CREATE,
                    Way::Upstream,
                    None,
                    &body,
                )
                .await;
            if let Some((status, text)) = asked
                && let Some(word @ (Word::Answer(_) | Word::NotFound)) = word(status, &text, run)
            {
                run.told.push(word);
                return;
            }
            sleep(PAUSE).await;
        }
    }
}
