//! One TCP connection, which can be cut. An AMQP connection lives on a thread of its own, and a peer
//! that accepts and then says nothing would keep that thread for ever: each failed attempt would leave
//! one behind.

use std::fmt;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, AsyncTcpStream};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};
use tokio::time::timeout;

/// How long TCP may take to connect.
const TCP_TIMEOUT: Duration = Duration::from_secs(5);

/// The socket below a connection. Dropping it cuts the connection, whatever state that is in.
pub(super) struct Wire(Arc<Mutex<Option<TcpStream>>>);

impl Wire {
    /// Opens a connection, shown to the broker's administrator as `name`. When the returned future is
    /// dropped, nothing is left of it.
    pub(super) async fn connect(uri: &AMQPUri, name: &str) -> lapin::Result<(Connection, Wire)> {
        let wire = Wire(Arc::default());
        let tap = Arc::downgrade(&wire.0);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let runtime = lapin::runtime::default_runtime()?;
        let connection = Connection::connector(
            uri.clone(),
            runtime,
            async move |uri: AMQPUri, runtime| {
                let stream = timeout(TCP_TIMEOUT, uri.connect_async(&runtime))
                    .await
                    .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
                #[allow(irrefutable_let_patterns)] // with TLS compiled in there are others
                if let AsyncTcpStream::Plain(plain) = &stream {
                    hold(&tap, plain.get_ref())?;
                }
                Ok(stream)
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
