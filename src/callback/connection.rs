//! Connections to receivers: only to addresses that were checked, in bounded time, and watched, so that
//! one that died of idleness can be told from a receiver that fails.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::address;
use crate::database::error::BoxError;
use crate::runtime::tls;

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Makes connections.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    tcp: HttpConnector<Checked>,
    patience: Duration,
}

impl Connector {
    /// To public addresses, or to any; within `patience`.
    pub(super) fn new(allow_private: bool, patience: Duration) -> Connector {
        let mut tcp = HttpConnector::new_with_resolver(Checked { allow_private });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // One of several addresses does not use up the time of the others.
        tcp.set_connect_timeout(Some(patience));
        Connector { tcp, patience }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = BoxError;
    type Future = Pending<TokioIo<Wire>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tcp = self.tcp.call(uri.clone());
        let patience = self.patience;
        Box::pin(async move {
            let connect = async {
                let stream = tcp.await?.into_inner();
                let stream: Box<dyn Stream> = match uri.scheme_str() {
                    Some("https") => secure(&uri, stream).await?,
                    _ => Box::new(stream),
                };
                Ok(TokioIo::new(Wire { stream, turns: Turns::default() }))
            };
            timeout(patience, connect).await.unwrap_or_else(|_| Err(TooSlow.into()))
        })
    }
}

/// Speaks TLS with what the system trusts at this moment.
async fn secure(uri: &Uri, stream: TcpStream) -> Result<Box<dyn Stream>, BoxError> {
    let client = spawn_blocking(tls::system_client).await??;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    Ok(Box::new(TlsConnector::from(client).connect(name, stream).await?))
}

/// There was no connection within its time.
#[derive(Debug, thiserror::Error)]
#[error("no connection in time")]
pub(super) struct TooSlow;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What happened on a connection so far: requests and answers take turns on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// An earlier request was answered on it.
    reused: AtomicBool,
    /// Something came since the last thing was sent.
    answering: AtomicBool,
}

impl Turns {
    /// Whether it was used before, and nothing came in answer to the request that it failed under.
    pub(super) fn was_stale(&self) -> bool {
        self.0.reused.load(Ordering::Relaxed) && !self.0.answering.load(Ordering::Relaxed)
    }

    fn sent(&self) {
        if self.0.answering.swap(false, Ordering::Relaxed) {
            self.0.reused.store(true, Ordering::Relaxed);
        }
    }

    fn received(&self) {
        self.0.answering.store(true, Ordering::Relaxed);
    }
}

/// A connection, watched.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    turns: Turns,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.turns.clone())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.turns.received();
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.turns.sent();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A name that leads where nobody may be called.
#[derive(Debug)]
pub(super) struct DeniedAddress {
    name: String,
    address: IpAddr,
    what: &'static str,
}

impl fmt::Display for DeniedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DeniedAddress { name, address, what } = self;
        write!(f, "{name} leads to {address}, which is {what} and may not be called")
    }
}

impl Error for DeniedAddress {}

/// Resolves a name once for each connection, and gives the client only addresses that were checked, so
/// that a name cannot mean one thing when it is checked and another when it is called.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    allow_private: bool,
}

impl Service<Name> for Checked {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pending<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let name = name.as_str();
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            if !allow_private {
                check(name, &addresses)?;
            }
            Ok(addresses.into_iter())
        })
    }
}

/// One forbidden address is enough: a name with a public and a private one is nobody's by accident.
fn check(name: &str, addresses: &[SocketAddr]) -> Result<(), DeniedAddress> {
    let forbidden = |socket: &SocketAddr| {
        let what = address::forbidden(socket.ip())?;
        Some(DeniedAddress { name: name.to_owned(), address: socket.ip(), what })
    };
    addresses.iter().find_map(forbidden).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_when_any_of_its_addresses_is_forbidden() {
        let sockets = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|a| SocketAddr::new(a.parse().unwrap(), 0)).collect()
        };
        assert!(check("a.test", &sockets(&["8.8.8.8", "2606:4700::1111"])).is_ok());
        let refused = check("a.test", &sockets(&["8.8.8.8", "10.0.0.1"])).unwrap_err();
        let message = "a.test leads to 10.0.0.1, which is private and may not be called";
        assert_eq!(refused.to_string(), message);
    }
}
