//! An upstream service: it publishes its tasks, again under the same name when it hears nothing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::{PAUSE, named};
use crate::client_log::{ClientLog, Id};
use crate::reading::{Said, said};
use crate::support::kiosk::USER;

/// How long it waits for an answer before it publishes again.
const PATIENCE: Duration = Duration::from_secs(8);
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);

/// Publishes tasks and records their answers in the client log.
pub(super) struct Upstream {
    client_log: Arc<ClientLog>,
    exchange: String,
    session: watch::Receiver<Option<Arc<Session>>>,
    /// Notified when a client waits for an answer in vain.
    silent: Arc<Notify>,
}

/// The state of one connection.
struct Session {
    channel: Channel,
    reply_to: String,
}

impl Upstream {
    /// Connects, and again whenever the connection is lost or silent.
    pub(super) fn connect(url: String, prefix: &str, client_log: Arc<ClientLog>) -> Upstream {
        let (sessions, session) = watch::channel(None);
        let silent = Arc::new(Notify::new());
        let (exchange, kept) = (format!("{prefix}.tasks"), Arc::clone(&client_log));
        let upstream = Upstream { client_log: kept, exchange, session, silent: silent.clone() };
        tokio::spawn(async move {
            while !sessions.is_closed() {
                if let Ok(Ok((connection, session, replies))) =
                    timeout(CONNECTS_WITHIN, open(&url)).await
                {
                    sessions.send_replace(Some(Arc::new(session)));
                    read(replies, &silent, &client_log).await;
                    sessions.send_replace(None);
                    drop(timeout(PAUSE, connection.close(200, "OK".into())).await);
                }
                sleep(PAUSE).await;
            }
        });
        upstream
    }

    /// Publishes until it is answered.
    pub(super) async fn ask(&self, id: Id, key: String, body: &str) {
        loop {
            let published = timeout(PATIENCE, self.publish(&key, body)).await;
            if published.is_ok_and(|published| published)
                && self.client_log.answer_within(id, PATIENCE).await
            {
                return;
            }
            // What an earlier message asked for may have come meanwhile.
            if self.client_log.is_answered(id) {
                return;
            }
            self.silent.notify_one();
            sleep(PAUSE).await;
        }
    }

    /// Publishes once there is a connection; whether the broker has it.
    async fn publish(&self, key: &str, body: &str) -> bool {
        let mut sessions = self.session.clone();
        let Ok(session) = sessions.wait_for(Option::is_some).await.map(|session| session.clone())
        else {
            return false;
        };
        let Some(session) = session else { return false };
        let properties = BasicProperties::default()
            .with_user_id(USER.into())
            .with_message_id(key.into())
            .with_correlation_id(key.into())
            .with_reply_to(session.reply_to.as_str().into());
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let publish = session.channel.basic_publish(
            self.exchange.as_str().into(),
            "in".into(),
            options,
            body.as_bytes(),
            properties,
        );
        let Ok(confirm) = publish.await else { return false };
        confirm.await.is_ok_and(|confirm| confirm.is_ack() && confirm.take_message().is_none())
    }
}

async fn open(url: &str) -> lapin::Result<(Connection, Session, Consumer)> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
    let queue = channel.queue_declare("".into(), exclusive, FieldTable::default()).await?;
    let reply_to = queue.name().to_string();
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    let replies = reply_to.as_str().into();
    let replies = channel.basic_consume(replies, "".into(), options, FieldTable::default()).await?;
    Ok((connection, Session { channel, reply_to }, replies))
}

/// Writes answers down until the connection ends, or somebody misses one while nothing comes.
async fn read(mut replies: Consumer, silent: &Notify, client_log: &ClientLog) {
    let mut last = Instant::now();
    loop {
        tokio::select! {
            reply = replies.next() => match reply {
                Some(Ok(reply)) => note(&reply, client_log),
                _ => return,
            },
            () = silent.notified() => {
                if last.elapsed() > PATIENCE {
                    return;
                }
                continue;
            }
        }
        last = Instant::now();
    }
}

fn note(reply: &Delivery, client_log: &ClientLog) {
    let text = String::from_utf8_lossy(&reply.data);
    let key = reply.properties.correlation_id().as_ref();
    let Some(id) = key.and_then(|key| named(key.as_str())) else { return };
    match said(200, &text) {
        Said::Answer(guid) => client_log.record_answer(id, guid, &text),
        // It is published again.
        Said::Again => {}
        _ => client_log.record_odd(id, text.into_owned()),
    }
}
