//! Where operators are served: a listener of its own. Nothing that callers are promised depends on it: an address that
//! is taken is tried again, and the process goes on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::config::OpsListen;
use crate::console::Console;
use crate::engine::app::App;
use crate::engine::health::Health;
use crate::http;
use crate::http::serve::Server;
use crate::ops::state::OpsState;
use crate::runtime::tls::server::Current;
use crate::surface::ProtocolList;

/// How many connections operators may have at once: a browser opens six.
const CONNECTIONS: usize = 256;
/// How soon an address that is taken is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What serves operators.
pub(super) struct OpsDoor {
    /// Where; `None` while the address is taken.
    pub(super) listening: Option<SocketAddr>,
    server: JoinHandle<()>,
}

impl OpsDoor {
    /// Waits until requests in hand are answered.
    pub(super) async fn end(self) {
        let _ = self.server.await;
    }
}

/// Serves operators, where that is set, with the certificate of the API when it has one.
pub(super) async fn open(
    list: &'static ProtocolList,
    app: &Arc<App>,
    health: &Arc<Health>,
    tls: Option<Current>,
) -> Option<OpsDoor> {
    let OpsListen::At(address) = app.settings.ops.listen else { return None };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let first = match TcpListener::bind(address).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(
                "ops.listen {address} cannot be used: {error}; it is tried again every {AGAIN:?}"
            );
            None
        }
    };
    let listening = first.as_ref().and_then(|listener| listener.local_addr().ok());
    if let Some(listening) = listening {
        tracing::info!("operators: {scheme}://{listening}");
    }
    let stop = app.shutdown.no_new_requests.clone();
    let task = app.tasks.task("operators' http server").until(&stop);
    let state = OpsState { app: Arc::clone(app), health: Arc::clone(health), list };
    let console = Console::new(state.clone());
    let router = http::for_operators(state, &console);
    let figures = app.tasks.task("console figures").until(&stop);
    tokio::spawn(figures.keep(move || console.clone().run()));
    let (app, first) = (Arc::clone(app), Arc::new(Mutex::new(first)));
    let server = tokio::spawn(task.keep(move || {
        let (app, router, tls, stop) =
            (Arc::clone(&app), router.clone(), tls.clone(), stop.clone());
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            let listener = match first {
                Some(listener) => listener,
                None => tokio::select! {
                    listener = when_free(address) => listener,
                    () = stop.cancelled() => return,
                },
            };
            let door = (listener, CONNECTIONS);
            Server::of(&app.settings, router, tls, stop, door).run().await;
        }
    }));
    Some(OpsDoor { listening, server })
}

async fn when_free(address: SocketAddr) -> TcpListener {
    loop {
        if let Ok(listener) = TcpListener::bind(address).await {
            tracing::info!("operators: at {address} now");
            return listener;
        }
        sleep(AGAIN).await;
    }
}
