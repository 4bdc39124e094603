//! Tasks over AMQP: what [`http::submit`](crate::http) is for HTTP. A message becomes a task of the aggregator
//! whose RabbitMQ user published it, is accepted as any other, and only then acknowledged.
//!
//! A refusal is kept and answered where the caller can read it. What cannot be read, or is nobody's, is kept among the
//! dead letters with the reason. While the store is away, messages wait, unacknowledged.

mod denials;
pub mod identity;
mod publishers;
mod reading;
mod reply_target;
mod submit;
pub mod terms;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::sleep;

use self::denials::Denials;
use self::publishers::Publishers;
use crate::database::error::chain;
use crate::engine::app::App;
use crate::queue::amqp::upstream::{Disposition, UpstreamMessage};
use crate::queue::{DatabaseClock, Upstream, UpstreamLane};

/// How soon the store is asked whether it is back.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What every message is handled with.
struct Desk {
    app: Arc<App>,
    publishers: Publishers,
    denials: Denials,
    /// The service's own RabbitMQ user.
    service_user: String,
    /// What the names of all queues begin with.
    prefix: String,
}

/// Takes tasks from upstream services until no new requests are to be taken.
pub async fn run(app: Arc<App>) {
    let Some(Upstream { mut lane, user, prefix }) = app.queue.upstream(clock(&app)) else { return };
    let desk = Desk::new(&app, user, prefix);
    let stop = app.shutdown.no_new_requests.clone();
    loop {
        let batch = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            batch = desk.next(&mut *lane) => batch,
        };
        let handled = join_all(batch.iter().map(|message| desk.handle(&*lane, message))).await;
        lane.settle(batch.iter().map(|message| message.tag).zip(handled).collect()).await;
    }
    lane.close().await;
}

/// The clock that says until when a message may be accepted.
fn clock(app: &Arc<App>) -> DatabaseClock {
    let store = Arc::clone(&app.store);
    Arc::new(move || {
        let store = Arc::clone(&store);
        async move { store.clock().await.ok() }.boxed()
    })
}

impl Desk {
    fn new(app: &Arc<App>, service_user: String, prefix: String) -> Desk {
        Desk {
            app: Arc::clone(app),
            publishers: Publishers::start(&app.tasks, Arc::clone(&app.store)),
            denials: Denials::start(&app.tasks, Arc::clone(&app.store)),
            service_user,
            prefix,
        }
    }

    /// The next batch. A message that is taken and cannot be handled would be given back, which counts
    /// towards its delivery limit: so none is taken before the store is there.
    async fn next(&self, lane: &mut dyn UpstreamLane) -> Vec<UpstreamMessage> {
        while let Err(error) = self.app.store.ping().await {
            tracing::debug!("tasks of upstream services wait for the store: {}", chain(&error));
            sleep(LOOK_AGAIN).await;
        }
        lane.next().await
    }

    async fn handle(&self, lane: &dyn UpstreamLane, message: &UpstreamMessage) -> Disposition {
        let handled = submit::handle(self, message);
        tokio::pin!(handled);
        loop {
            tokio::select! {
                biased;
                handled = &mut handled => return handled,
                () = sleep(LOOK_AGAIN) => {
                    // What is in hand is delivered again to whoever is there then.
                    if !lane.is_live() || self.app.shutdown.no_new_work.is_cancelled() {
                        return Disposition::Leave;
                    }
                }
            }
        }
    }
}
