//! What both queues promise: every case runs in the process and on RabbitMQ.

/// Makes each case a test on either queue. A case that is forgotten here is dead code, which the
/// compiler tells.
macro_rules! on_each_queue {
    ($($case:ident),* $(,)?) => {
        mod in_process {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                use crate::support::queues::{Queues, TestQueue};
                super::$case(&TestQueue::fresh(Queues::InProcess).await).await;
            })*
        }

        mod amqp {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                use crate::support::queues::{Queues, TestQueue};
                let queue = TestQueue::fresh(Queues::Amqp).await;
                super::$case(&queue).await;
                queue.close().await;
            })*
        }
    };
}

mod bundles;
mod classes;
mod closing;
mod cut_wires;
mod dead_letters;
mod delivery;
mod express;
mod redelivery;
