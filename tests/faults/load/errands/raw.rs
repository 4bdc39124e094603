//! Clients that write bytes themselves, to end their connection as no library would.

use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use url::Url;

use super::{Runner, pay, word};
use crate::errand::{Run, Word};
use crate::scenario::Way;

/// A request and its answer are over in fewer microseconds than this.
const WITHIN_US: u64 = 20_000;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Attempts, and pauses between them: longer than any fault and its recovery take.
const ATTEMPTS: usize = 40;
const PAUSE: Duration = Duration::from_secs(2);

impl Runner {
    /// Writes a request, or the first part of it, and is gone after a random moment.
    pub(super) async fn hang_up(&self, run: &mut Run) {
        let Some((mut socket, request)) = self.dial(run, None).await else { return };
        let (whole, microseconds, part) = {
            let mut random = rand::rng();
            (
                random.random_ratio(9, 10),
                random.random_range(0..WITHIN_US),
                random.random_range(1..request.len()),
            )
        };
        let written = if whole { &request[..] } else { &request[..part] };
        if socket.write_all(written).await.is_ok() {
            sleep(Duration::from_micros(microseconds)).await;
        }
        // A reset rather than a farewell.
        socket.set_zero_linger().ok();
    }

    /// Closes its half after the request, and reads the answer.
    pub(super) async fn half_close(&self, run: &mut Run) {
        let key = Some(format!("half-{}", run.order));
        for _ in 0..ATTEMPTS {
            if let Ok(Some((status, text))) = timeout(PATIENCE, self.half(run, key.clone())).await
                && let Some(word @ Word::Answer(_)) = word(status, &text, run)
            {
                run.told.push(word);
                return;
            }
            sleep(PAUSE).await;
        }
        run.told.push(Word::Silence);
    }

    async fn half(&self, run: &Run, key: Option<String>) -> Option<(u16, String)> {
        let (mut socket, request) = self.dial(run, key).await?;
        socket.write_all(&request).await.ok()?;
        socket.shutdown().await.ok()?;
        let mut reply = Vec::new();
        socket.read_to_end(&mut reply).await.ok()?;
        let reply = String::from_utf8(reply).ok()?;
        let (head, body) = reply.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    async fn dial(&self, run: &Run, key: Option<String>) -> Option<(TcpStream, Vec<u8>)> {
        let urls = self.clients.door.urls();
        let url = Url::parse(&urls[run.order.as_u128() as usize % urls.len()]).ok()?;
        let address = (url.host_str()?, url.port()?);
        let body = pay(run.order).synchronous().to_string();
        let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: wsa\r\nAggregatorAuthentication: {}\r\n\
             Content-Type: application/json\r\n{key}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            wsa::protocols::whiteserver::http::CREATE,
            Way::Sync.token(),
            body.len()
        );
        Some((TcpStream::connect(address).await.ok()?, request.into_bytes()))
    }
}
