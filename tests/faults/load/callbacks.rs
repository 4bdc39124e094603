//! The receiver of callbacks.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::notebook::Notebook;
use crate::reading::{Said, said};

/// Receives for ever; gives its URL.
pub async fn receive(notebook: Arc<Notebook>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(take)).with_state(notebook);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn take(State(notebook): State<Arc<Notebook>>, body: String) -> StatusCode {
    match said(200, &body) {
        Said::Answer(guid) => {
            notebook.notification(guid, &body);
            StatusCode::OK
        }
        _ => StatusCode::BAD_REQUEST,
    }
}
