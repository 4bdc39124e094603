//! A small TCP relay: a wire that can be cut in every way that wires fail.

use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::faults::Cut;

/// What [`Cut::Delay`] costs each piece of data.
const LATE: Duration = Duration::from_millis(300);
const BUFFER: usize = 64 * 1024;

/// A host and a port.
pub type Address = (String, u16);

type State = watch::Receiver<Option<Cut>>;

/// Passes connections on to the first of its targets that accepts them.
pub struct Relay {
    pub port: u16,
    targets: Arc<Mutex<Vec<Address>>>,
    cut: watch::Sender<Option<Cut>>,
}

impl Relay {
    /// None yet is fine.
    pub async fn to(targets: Vec<Address>) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let targets = Arc::new(Mutex::new(targets));
        let (cut, state) = watch::channel(None);
        let known = Arc::clone(&targets);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let targets = known.lock().unwrap().clone();
                tokio::spawn(pass(near, targets, state.clone()));
            }
        });
        Relay { port, targets, cut }
    }

    /// Where new connections lead from now on.
    pub fn lead_to(&self, target: Address) {
        *self.targets.lock().unwrap() = vec![target];
    }

    /// Cuts it, or with `None` mends it.
    pub fn set(&self, cut: Option<Cut>) {
        self.cut.send_replace(cut);
    }
}

async fn pass(mut near: TcpStream, targets: Vec<Address>, mut state: State) {
    let far = tokio::select! {
        () = until_reset(state.clone()) => None,
        far = connect(&targets) => far,
    };
    let Some(mut far) = far else {
        near.set_zero_linger().ok();
        return;
    };
    near.set_nodelay(true).ok();
    far.set_nodelay(true).ok();
    let is_reset = {
        let ((near_read, near_write), (far_read, far_write)) = (near.split(), far.split());
        let mut back_state = state.clone();
        tokio::select! {
            () = until_reset(state.clone()) => true,
            // Who has said all may still listen.
            () = async {
                if let Ok(Ended::Said) = there(near_read, far_write, &mut state).await {
                    pending().await
                }
            } => false,
            _ = back(far_read, near_write, &mut back_state) => false,
        }
    };
    if is_reset {
        // Without a word: both sides get a reset.
        near.set_zero_linger().ok();
        far.set_zero_linger().ok();
    }
}

/// An address of this machine.
pub fn here(port: u16) -> Address {
    ("127.0.0.1".to_owned(), port)
}

async fn connect(targets: &[Address]) -> Option<TcpStream> {
    for (host, port) in targets {
        if let Ok(far) = TcpStream::connect((host.as_str(), *port)).await {
            return Some(far);
        }
    }
    None
}

async fn until_reset(mut state: State) {
    if state.wait_for(|cut| *cut == Some(Cut::Reset)).await.is_err() {
        pending().await
    }
}

/// How what is sent came to its end.
enum Ended {
    /// The sender closed its half, and the other side was told.
    Said,
    /// On a wire that was half-open: nothing comes back.
    Lost,
}

/// What is sent. It still arrives while the wire is half-open, and nothing does afterwards.
async fn there(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    state: &mut State,
) -> io::Result<Ended> {
    let mut buffer = vec![0; BUFFER];
    let mut half_open = false;
    loop {
        let size = read(&mut from, &mut buffer, state, &mut half_open).await?;
        if size == 0 {
            to.shutdown().await?;
            return Ok(if half_open { Ended::Lost } else { Ended::Said });
        }
        if !half_open || *state.borrow() == Some(Cut::HalfOpen) {
            late(state).await;
            to.write_all(&buffer[..size]).await?;
        }
    }
}

/// What is answered. A connection that was half-open says nothing any more, not even goodbye.
async fn back(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, state: &mut State) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut half_open = false;
    loop {
        match read(&mut from, &mut buffer, state, &mut half_open).await {
            Ok(0) | Err(_) if half_open => pending().await,
            Ok(0) => return Ok(()),
            Ok(_) if half_open => {}
            Ok(size) => {
                late(state).await;
                to.write_all(&buffer[..size]).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Reads a piece, once the wire lets one through. Notes whether the wire ever was half-open.
async fn read(
    from: &mut ReadHalf<'_>,
    buffer: &mut [u8],
    state: &mut State,
    half_open: &mut bool,
) -> io::Result<usize> {
    loop {
        let cut = *state.borrow_and_update();
        *half_open |= cut == Some(Cut::HalfOpen);
        let piece = async {
            match cut {
                Some(Cut::Drop) => pending().await,
                _ => from.read(&mut *buffer).await,
            }
        };
        tokio::select! {
            biased;
            changed = state.changed() => if changed.is_err() { return Ok(0) },
            read = piece => return read,
        }
    }
}

async fn late(state: &State) {
    if *state.borrow() == Some(Cut::Delay) {
        tokio::time::sleep(LATE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    /// A server that sends back what it gets, and a relay to it.
    async fn echo() -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = socket.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        Relay::to(vec![here(1), here(port)]).await
    }

    async fn through(relay: &Relay) -> TcpStream {
        TcpStream::connect(("127.0.0.1", relay.port)).await.unwrap()
    }

    /// Says a word and hears it back.
    async fn says(socket: &mut TcpStream) -> io::Result<()> {
        socket.write_all(b"word").await?;
        heard(socket).await
    }

    async fn heard(socket: &mut TcpStream) -> io::Result<()> {
        let mut word = [0; 4];
        socket.read_exact(&mut word).await?;
        assert_eq!(&word, b"word");
        Ok(())
    }

    #[tokio::test]
    async fn it_passes_on_to_whoever_is_there() {
        let relay = echo().await;
        says(&mut through(&relay).await).await.unwrap();
        relay.lead_to(here(1));
        let nobody = says(&mut through(&relay).await).await;
        assert!(nobody.is_err(), "nobody listens there");
    }

    #[tokio::test]
    async fn a_reset_wire_is_reset_for_old_and_new() {
        let relay = echo().await;
        let mut old = through(&relay).await;
        says(&mut old).await.unwrap();
        relay.set(Some(Cut::Reset));
        let reset = heard(&mut old).await.unwrap_err();
        assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
        assert!(says(&mut through(&relay).await).await.is_err());
        relay.set(None);
        says(&mut through(&relay).await).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_dropped_arrives_afterwards() {
        let relay = echo().await;
        let mut socket = through(&relay).await;
        says(&mut socket).await.unwrap();
        relay.set(Some(Cut::Drop));
        timeout(SHORT, says(&mut socket)).await.unwrap_err();
        relay.set(None);
        heard(&mut socket).await.unwrap();
        says(&mut socket).await.unwrap();
    }

    #[tokio::test]
    async fn who_closes_its_half_still_hears_the_answer() {
        let relay = echo().await;
        let mut socket = through(&relay).await;
        socket.write_all(b"word").await.unwrap();
        socket.shutdown().await.unwrap();
        let mut heard = Vec::new();
        timeout(5 * LATE, socket.read_to_end(&mut heard)).await.unwrap().unwrap();
        assert_eq!(heard, b"word");
    }

    #[tokio::test]
    async fn what_is_delayed_arrives_late() {
        let relay = echo().await;
        let mut socket = through(&relay).await;
        relay.set(Some(Cut::Delay));
        let since = Instant::now();
        says(&mut socket).await.unwrap();
        assert!(since.elapsed() >= 2 * LATE);
    }

    #[tokio::test]
    async fn a_half_open_connection_stays_silent_and_a_new_one_is_well() {
        let relay = echo().await;
        let mut socket = through(&relay).await;
        says(&mut socket).await.unwrap();
        relay.set(Some(Cut::HalfOpen));
        timeout(SHORT, says(&mut socket)).await.unwrap_err();
        relay.set(None);
        timeout(SHORT, says(&mut socket)).await.unwrap_err();
        says(&mut through(&relay).await).await.unwrap();
    }
}
