//! A connection on which anything can be sent.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::reference::TOKEN;
use super::soon;

/// A TCP connection to the API.
pub struct Wire(pub TcpStream);

impl Wire {
    pub async fn connect(url: &str) -> Wire {
        Wire(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// Sends bytes as they are. The server may have closed the connection before it has read them all.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Everything that comes until the server closes the connection.
    pub async fn rest(&mut self) -> String {
        let mut answer = Vec::new();
        let _ = soon("the server closes the connection", self.0.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The statuses of all answers until the server closes the connection.
    pub async fn statuses(&mut self) -> Vec<u16> {
        statuses(&self.rest().await)
    }

    /// What comes next, when something does.
    pub async fn some(&mut self) -> String {
        let mut part = vec![0; 65_536];
        let size = soon("an answer", self.0.read(&mut part)).await.unwrap();
        String::from_utf8_lossy(&part[..size]).into_owned()
    }
}

/// The statuses of answers that came one after the other.
pub fn statuses(text: &str) -> Vec<u16> {
    let lines = text.split("HTTP/1.1 ").skip(1);
    lines.map(|rest| rest[..3].parse().unwrap()).collect()
}

/// A request to `Create` with these lines in its head, and this body.
pub fn request(lines: &str, body: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: wsa\r\nAggregatorAuthentication: {TOKEN}\r\n{lines}\r\n{body}",
        wsa::protocols::whiteserver::http::CREATE
    )
}
