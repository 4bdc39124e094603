//! `ListenQueue`.

use std::sync::Arc;

use tokio::time::sleep;

use super::{Clients, PAUSE};
use crate::reading::{Said, said};
use crate::scenario::Way;

/// Listens for ever, and writes down what it hears.
pub(super) async fn listen(clients: Arc<Clients>, first: usize) {
    let body = r#"{"queueType":"TaskQueue"}"#;
    for attempt in first.. {
        let heard = clients
            .door
            .post(attempt, wsa::protocols::whiteserver::http::LISTEN_QUEUE, Way::Listen, None, body)
            .await;
        match heard.map(|(status, text)| (said(status, &text), text)) {
            Some((Said::Answer(guid), text)) => clients.client_log.record_notification(guid, &text),
            // `NoOperations`, or nobody is there.
            _ => sleep(PAUSE).await,
        }
    }
}
