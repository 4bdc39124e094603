//! A wire to the broker that can be cut on purpose.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::servers;

/// Passes connections on to RabbitMQ.
pub struct Proxy {
    port: u16,
    wires: Arc<Mutex<CancellationToken>>,
}

impl Proxy {
    pub async fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wires: Arc<Mutex<CancellationToken>> = Arc::default();
        let broker = Url::parse(&servers::amqp_url()).unwrap();
        let broker = (broker.host_str().unwrap().to_owned(), broker.port().unwrap_or(5672));
        let current = Arc::clone(&wires);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (broker, cut) = (broker.clone(), current.lock().unwrap().clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(broker).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        () = cut.cancelled() => {
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
        std::mem::take(&mut *self.wires.lock().unwrap()).cancel();
    }
}
