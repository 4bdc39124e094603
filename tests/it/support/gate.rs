//! A wire to a server that can freeze: nothing is lost, and nothing moves until it thaws.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// Passes connections on to the server of a URL.
pub struct Gate {
    port: u16,
    open: watch::Sender<bool>,
}

impl Gate {
    pub async fn start(server: &str) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Url::parse(server).unwrap();
        let address = (server.host_str().unwrap().to_owned(), server.port().unwrap());
        let (open, gate) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (address, gate) = (address.clone(), gate.clone());
                tokio::spawn(async move {
                    let far = TcpStream::connect(address).await.unwrap();
                    let ((near_in, near_out), (far_in, far_out)) =
                        (near.into_split(), far.into_split());
                    tokio::spawn(pass(near_in, far_out, gate.clone()));
                    pass(far_in, near_out, gate).await;
                });
            }
        });
        Gate { port, open }
    }

    /// The server's URL by way of this.
    pub fn url(&self, server: &str) -> String {
        let mut url = Url::parse(server).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.into()
    }

    /// Nothing passes from now on, in either direction.
    pub fn freeze(&self) {
        self.open.send_replace(false);
    }

    /// What was held back arrives, in its order.
    pub fn thaw(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut gate: watch::Receiver<bool>,
) {
    let mut part = vec![0; 65_536];
    while let Ok(size @ 1..) = from.read(&mut part).await {
        if gate.wait_for(|open| *open).await.is_err() || to.write_all(&part[..size]).await.is_err()
        {
            return;
        }
    }
    // Closing passes like everything else.
    let _ = gate.wait_for(|open| *open).await;
    let _ = to.shutdown().await;
}
