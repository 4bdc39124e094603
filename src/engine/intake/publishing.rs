//! Handing accepted tasks to the queue, in batches.

use std::sync::Arc;
use std::time::Instant;

use crate::engine::batcher::{Batcher, Limits};
use crate::engine::traces;
use crate::queue::{Message, Queue};
use crate::runtime::metrics::{Metrics, Stage};
use crate::runtime::supervise::Task;
use crate::runtime::trace::{Span, Tracer};

/// Starts it as this task.
pub(super) fn start(
    task: Task,
    limits: Limits,
    queue: &Arc<Queue>,
    metrics: &Arc<Metrics>,
    tracer: &Tracer,
) -> Batcher<Message, ()> {
    let (queue, metrics) = (Arc::clone(queue), Arc::clone(metrics));
    let tracer = tracer.clone();
    Batcher::start(task, limits, move |mut messages: Vec<Message>| {
        let spans = traces::publish(&tracer, &queue, &mut messages);
        let (queue, metrics) = (Arc::clone(&queue), Arc::clone(&metrics));
        async move { publish_all(&queue, &metrics, messages, spans).await }
    })
}

/// Publishes a batch. What the queue does not take is published by the sweeper.
async fn publish_all(
    queue: &Queue,
    metrics: &Metrics,
    messages: Vec<Message>,
    mut spans: Vec<Span>,
) -> Vec<()> {
    let (count, started) = (messages.len(), Instant::now());
    match queue.publish(messages).await {
        Ok(()) => metrics.batch(Stage::Publish, count, started.elapsed()),
        Err(error) => {
            metrics.unpublished.inc_by(count as u64);
            spans.iter_mut().for_each(|span| span.fail("not_published"));
            tracing::debug!(%error, "{count} accepted tasks will be published later: {error}");
        }
    }
    vec![(); count]
}
