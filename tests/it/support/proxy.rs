//! A wire to the broker that can be cut on purpose.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::servers;

/// Passes connections on to RabbitMQ.
pub struct Proxy {
    port: u16,
    wires: Arc<Mutex<Wires>>,
}

/// What may happen to the connections of the moment; later ones are not concerned.
#[derive(Clone, Default)]
struct Wires {
    cut: CancellationToken,
    deaf: CancellationToken,
}

impl Proxy {
    pub async fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wires: Arc<Mutex<Wires>> = Arc::default();
        let broker = Url::parse(&servers::amqp_url()).unwrap();
        let broker = (broker.host_str().unwrap().to_owned(), broker.port().unwrap_or(5672));
        let current = Arc::clone(&wires);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (broker, wires) = (broker.clone(), current.lock().unwrap().clone());
                tokio::spawn(async move {
                    let (mut near, mut far) = (near, TcpStream::connect(broker).await.unwrap());
                    let (mut asks, told) = near.split();
                    let (answers, mut asked) = far.split();
                    tokio::select! {
                        _ = copy(&mut asks, &mut asked) => {}
                        () = pass(answers, told, &wires.deaf) => {}
                        () = wires.cut.cancelled() => {
                            // Without a word: the other side gets a reset.
                            near.set_zero_linger().unwrap();
                        }
                    }
                });
            }
        });
        Proxy { port, wires }
    }

    /// The broker's address by way of this.
    pub fn url(&self) -> String {
        let mut url = Url::parse(&servers::amqp_url()).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.into()
    }

    /// Cuts every connection, `after` so long.
    pub async fn cut(&self, after: Duration) {
        tokio::time::sleep(after).await;
        std::mem::take(&mut *self.wires.lock().unwrap()).cut.cancel();
    }

    /// Swallows what is delivered on the connections that there are; all else goes on, heartbeats too.
    pub fn deafen(&self) {
        std::mem::take(&mut *self.wires.lock().unwrap()).deaf.cancel();
    }
}

/// The type of a frame that begins a method.
const METHOD: u8 = 1;
/// The types of the frames that are its content.
const CONTENT: [u8; 2] = [2, 3];
/// `basic.deliver`
const DELIVER: [u8; 4] = [0, 60, 0, 60];

/// Passes frames on; without deliveries once it is deaf.
async fn pass(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, deaf: &CancellationToken) {
    // The channels on which the rest of a delivery follows.
    let mut swallowing = HashSet::new();
    loop {
        let mut frame = vec![0; 7];
        if from.read_exact(&mut frame).await.is_err() {
            return;
        }
        let (kind, channel) = (frame[0], [frame[1], frame[2]]);
        let size = u32::from_be_bytes(frame[3..7].try_into().unwrap());
        frame.resize(7 + size as usize + 1, 0);
        if from.read_exact(&mut frame[7..]).await.is_err() {
            return;
        }
        if kind == METHOD {
            let delivery = deaf.is_cancelled() && frame[7..].starts_with(&DELIVER);
            if delivery {
                swallowing.insert(channel)
            } else {
                swallowing.remove(&channel)
            };
        }
        let swallowed =
            (kind == METHOD || CONTENT.contains(&kind)) && swallowing.contains(&channel);
        if !swallowed && to.write_all(&frame).await.is_err() {
            return;
        }
    }
}
