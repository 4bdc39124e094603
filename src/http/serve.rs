//! Connections: how many there may be, how slow they may be, and how much comes before a body.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::descriptors;
use crate::config::Settings;
use crate::runtime::tls::server::Current;
use crate::web::presence::socket::{Peer, Socket};
use crate::web::to_the_end::ToTheEnd;

/// How many headers a request may have.
const MOST_HEADERS: usize = 100;
/// How long a client may take for its part of the handshake of TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How soon to try again when the system has no descriptor, or no memory, for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(200);
/// The least that the HTTP library can be told to keep room for.
const LEAST_BUFFER: usize = 8192;

/// Serves connections, each in a task of its own.
pub struct Server {
    router: Router,
    http: http1::Builder,
    write_timeout: Duration,
    tls: Option<Current>,
    stop: CancellationToken,
    /// `None` once no further connection is to be accepted.
    listener: Mutex<Option<TcpListener>>,
    /// As many as there may be connections. Beside [`Server::run`], as are the connections themselves:
    /// when that is started again, they go on.
    places: Arc<Semaphore>,
    serving: TaskTracker,
}

impl Server {
    /// A server of these routes, which ends when `stop` says so.
    pub fn new(
        settings: &Settings,
        router: Router,
        tls: Option<Current>,
        stop: CancellationToken,
        listener: TcpListener,
    ) -> Arc<Server> {
        let most = descriptors::allow(settings);
        Server::of(settings, router, tls, stop, (listener, most))
    }

    /// The same, for at most so many connections at once.
    pub fn of(
        settings: &Settings,
        router: Router,
        tls: Option<Current>,
        stop: CancellationToken,
        (listener, most): (TcpListener, usize),
    ) -> Arc<Server> {
        let limits = &settings.http;
        let mut http = http1::Builder::new();
        // hyper counts from the end of an answer to the end of the next head, so this is also for how long
        // a connection may be idle.
        // A client that closes its half behind a request waits for the answer. So the library does not look
        // for the end of a connection while a request is in work: `requests` does.
        http.half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(limits.idle_timeout_ms))
            .max_headers(MOST_HEADERS)
            .max_header_size(limits.head_limit)
            .max_buf_size(limits.head_limit.max(LEAST_BUFFER));
        Arc::new(Server {
            router,
            http,
            write_timeout: Duration::from_millis(limits.write_timeout_ms),
            tls,
            stop,
            listener: Mutex::new(Some(listener)),
            places: Arc::new(Semaphore::new(most)),
            serving: TaskTracker::new(),
        })
    }

    /// Accepts connections while there is a place, until told to stop; then finishes the requests in hand.
    pub async fn run(self: Arc<Self>) {
        let mut listener = self.listener.lock().await;
        let accepting = async {
            let Some(listener) = &*listener else { return };
            // The semaphore is never closed. Who finds no place waits in the system's queue.
            while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
                let stream = accept(listener).await;
                let server = Arc::clone(&self);
                self.serving.spawn(async move {
                    server.connection(stream).await;
                    drop(place);
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            () = self.stop.cancelled() => {}
        }
        if self.stop.is_cancelled() {
            drop(listener.take());
            self.serving.close();
            self.serving.wait().await;
        }
    }

    async fn connection(&self, stream: TcpStream) {
        let socket = Socket::new(stream);
        let peer = socket.peer();
        let mut stream = TimeoutStream::new(socket);
        stream.set_write_timeout(Some(self.write_timeout));
        let stream = Box::pin(stream);
        let Some(tls) = &self.tls else { return self.requests(stream, peer).await };
        let acceptor = TlsAcceptor::from(Arc::clone(&tls.borrow()));
        match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.requests(stream, peer).await,
            // Anybody can cause as many of these as he likes.
            Ok(Err(error)) => tracing::debug!(%error, "a client was not let in: {error}"),
            Err(_) => tracing::debug!("a client took too long for the handshake of TLS"),
        }
    }

    async fn requests<S>(&self, stream: S, peer: Peer)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = ToTheEnd::new(self.router.clone()).on(peer.clone());
        let running = service.running();
        let service = TowerToHyperService::new(service);
        // Dropped before the wait below: with it, those who only wait for something learn that nobody is there.
        let ended = {
            let mut requests = pin!(self.http.serve_connection(TokioIo::new(stream), service));
            let answering = async {
                tokio::select! {
                    ended = requests.as_mut() => ended,
                    () = self.stop.cancelled() => {
                        requests.as_mut().graceful_shutdown();
                        requests.as_mut().await
                    }
                }
            };
            tokio::select! {
                ended = answering => ended,
                // It would not be noticed before there is something to write.
                () = peer.breaks() => Ok(()),
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended: {error}");
        }
        // A client that hangs up at once has no more requests in work than its connection may have.
        running.close();
        running.wait().await;
    }
}

/// The next connection, however long the system has no room for one.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The client was gone before its turn came.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::warn!(%error, "no further connection can be accepted for now: {error}");
                sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
}
