//! One TCP connection, which can be cut. An AMQP connection lives on a thread of its own, and a peer
//! that accepts and then says nothing would keep that thread for ever: each failed attempt would leave
//! one behind.

use std::fmt;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use lapin::tcp::AsyncTcpStream;
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};
use tokio::time::timeout;

use super::broker::Broker;

/// How long TCP may take to connect.
const TCP_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the handshake of TLS may take.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// The socket below a connection. Dropping it cuts the connection, whatever state that is in.
pub(crate) struct Wire(Arc<Mutex<Option<TcpStream>>>);

impl Wire {
    /// Opens a connection, shown to the broker's administrator as `name`. When the returned future is
    /// dropped, nothing is left of it.
    pub(super) async fn connect(broker: &Broker, name: &str) -> lapin::Result<(Connection, Wire)> {
        let wire = Wire(Arc::default());
        let tap = Arc::downgrade(&wire.0);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let runtime = lapin::runtime::default_runtime()?;
        let tls = broker.connector().map_err(std::io::Error::other)?;
        let host = broker.host().to_owned();
        let connection = Connection::connector(
            broker.uri.clone(),
            runtime,
            async move |uri: AMQPUri, runtime| {
                let place = (uri.authority.host, uri.authority.port);
                let connecting = AsyncTcpStream::connect(&runtime, runtime.to_socket_addrs(place));
                let stream = within(TCP_TIMEOUT, connecting).await?;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    hold(&tap, plain.get_ref())?;
                }
                Ok(match &tls {
                    None => stream,
                    Some(tls) => within(TLS_TIMEOUT, stream.into_rustls(tls, &host)).await?,
                })
            },
            properties,
        )
        .await?;
        Ok((connection, wire))
    }

    /// Ends the connection without a word.
    pub(super) fn cut(&self) {
        if let Some(socket) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It fails when the peer was faster, which is as good.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

async fn within<T>(
    bound: Duration,
    step: impl Future<Output = std::io::Result<T>>,
) -> std::io::Result<T> {
    timeout(bound, step).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}

/// Keeps a second handle of the socket, to cut it by.
fn hold(tap: &Weak<Mutex<Option<TcpStream>>>, socket: &impl AsFd) -> std::io::Result<()> {
    let Some(wire) = tap.upgrade() else {
        return Err(std::io::Error::other("the attempt was given up"));
    };
    let handle = socket.as_fd().try_clone_to_owned()?;
    *wire.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle.into());
    Ok(())
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
