//! The socket of a connection, which can be looked at while it is read and written.
//!
//! A client that has closed its half of the connection and one that is gone have sent the same. What tells them
//! apart comes later: whoever is gone answers the next bytes with a reset.

use std::io::{self, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// After how long a silence, how often and how many times the system asks whether the other side is there.
const SILENCE: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_secs(10);
const QUESTIONS: u32 = 3;

/// What is read and written.
#[derive(Debug)]
pub(crate) struct Socket(Arc<TcpStream>);

/// What is looked at. It does not keep the connection open.
#[derive(Debug, Clone)]
pub(crate) struct Peer(Weak<TcpStream>);

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        // A letter is written in two parts, and the second would wait for the first one's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay: {error}");
        }
        let alive = TcpKeepalive::new().with_time(SILENCE).with_interval(ASK_AGAIN);
        let alive = alive.with_retries(QUESTIONS);
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&alive) {
            tracing::debug!(%error, "a silent client is not asked for: {error}");
        }
        Socket(Arc::new(stream))
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer(Arc::downgrade(&self.0))
    }

    fn poll_with(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(context))?;
            match write(&self.0) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

impl Peer {
    /// Where it connects from; `None` once the connection is gone.
    pub(crate) fn address(&self) -> Option<std::net::IpAddr> {
        self.0.upgrade()?.peer_addr().ok().map(|address| address.ip())
    }

    /// Returns when the connection is broken: by a reset, or because the other side answers nothing.
    pub(crate) async fn breaks(&self) {
        self.becomes(Interest::ERROR).await;
    }

    /// Returns when the other side has closed its half, at least, also when there is more to read before that.
    pub(crate) async fn sends_no_more(&self) {
        // Without urgent data, which nobody asks the system for, this is the end and nothing else.
        self.becomes(Interest::PRIORITY).await;
    }

    async fn becomes(&self, what: Interest) {
        let Some(stream) = self.0.upgrade() else { return };
        if let Err(error) = stream.ready(what).await {
            tracing::debug!(%error, "a connection cannot be looked at: {error}");
            std::future::pending::<()>().await;
        }
    }

    /// Whether the other side has closed its half, at least.
    pub(crate) fn has_ended(&self) -> bool {
        let Some(stream) = self.0.upgrade() else { return true };
        let mut byte = [MaybeUninit::uninit()];
        match SockRef::from(&*stream).peek(&mut byte) {
            Ok(0) => true,
            // It may have ended behind what is not read yet.
            Ok(_) => self.sends_no_more().now_or_never().is_some(),
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(context))?;
            match self.0.try_read_buf(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(|_| ())),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(context, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match SockRef::from(&*self.0).shutdown(Shutdown::Write) {
            // The other side was first.
            Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Ready(Ok(())),
            shut => Poll::Ready(shut),
        }
    }
}
