//! Refusals that are still to be told.
//!
//! A message that was refused may be delivered again as long as the broker does not know that it is settled, and
//! may be accepted then: a licence was given, an object has room. So its publisher is told only when the message is
//! gone for good. When this process ends in between, the publisher hears nothing, and asks.

use std::sync::Arc;

use futures_util::future::join_all;

use super::Desk;
use super::letterbox::Letterbox;
use crate::queue::amqp::upstream::UpstreamMessage;
use crate::store::upstream::Publisher;
use crate::task::TaskGuid;

/// What the publisher of a message is to be told.
pub(super) struct Notice {
    pub publisher: Publisher,
    pub body: Arc<str>,
    pub guid: Option<TaskGuid>,
    pub task_type: Option<&'static str>,
}

/// Those of messages that are not settled for good.
#[derive(Default)]
pub(super) struct Notices {
    waiting: Vec<(u64, UpstreamMessage, Notice)>,
}

impl Notices {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Keeps what is to be told of a message that came in this session.
    pub(super) fn add(&mut self, session: u64, message: UpstreamMessage, notice: Option<Notice>) {
        self.waiting.extend(notice.map(|notice| (session, message, notice)));
    }

    /// Tells of the messages that are gone. Those of an earlier session come again, and are told of then.
    pub(super) async fn send(&mut self, desk: &Desk, session: u64, gone: &[u64]) {
        self.waiting.retain(|(of, ..)| *of == session);
        let due = self.waiting.extract_if(.., |(_, message, _)| gone.contains(&message.tag));
        let due: Vec<_> = due.collect();
        let told = join_all(due.iter().map(async |(_, message, notice)| {
            let Notice { publisher, body, guid, task_type } = notice;
            let letterbox = Letterbox::of(desk, message, publisher);
            letterbox.tell(Arc::clone(body), *guid, *task_type, true).await;
        }));
        // While the broker is away this waits for it, but no longer than this process is there.
        tokio::select! {
            _ = told => {}
            () = desk.app.shutdown.no_new_work.cancelled() => {}
        }
    }
}
