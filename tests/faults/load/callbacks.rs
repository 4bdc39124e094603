//! The receiver of callbacks.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::client_log::ClientLog;
use crate::reading::{Said, said};

/// Receives for ever; gives its URL.
pub async fn receive(client_log: Arc<ClientLog>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(take)).with_state(client_log);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn take(State(client_log): State<Arc<ClientLog>>, body: String) -> StatusCode {
    match said(200, &body) {
        Said::Answer(guid) => {
            client_log.record_notification(guid, &body);
            StatusCode::OK
        }
        _ => StatusCode::BAD_REQUEST,
    }
}
