//! The service manager that started this process, told how it is: systemd, by the datagrams of `sd_notify`.
//! Without `NOTIFY_SOCKET` there is none, and nothing is said.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::runtime::environment;

/// What can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// `READY=1`: it has started, or its reload is over.
    Ready,
    /// `RELOADING=1`, with the moment at which that began.
    Reloading,
    /// `STOPPING=1`: it drains.
    Stopping,
    /// `WATCHDOG=1`: it lives.
    Alive,
    /// `EXTEND_TIMEOUT_USEC`: starting or stopping takes up to so much longer, counted from now.
    Longer(Duration),
    /// `STATUS`: a line for people.
    Status(String),
}

/// Whether there is a service manager that wants to be told.
pub fn is_there() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty())
}

/// Within how long each [`Word::Alive`] must follow the one before; `None`: nobody counts.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|_| is_there())
}

/// Says this, all in one datagram. It is sent from a thread that may block: a manager that reads nothing keeps nobody.
pub async fn tell(words: Vec<Word>) {
    let sent = environment::blocking(move || send(&words)).await;
    // Whoever manages services sees by himself that nothing comes.
    if let Ok(Err(error)) = sent {
        tracing::debug!(%error, "the service manager cannot be told: {error}");
    }
}

fn send(words: &[Word]) -> std::io::Result<()> {
    let mut said = Vec::with_capacity(words.len() + 1);
    for word in words {
        match word {
            Word::Ready => said.push(NotifyState::Ready),
            Word::Reloading => {
                said.push(NotifyState::Reloading);
                said.push(NotifyState::monotonic_usec_now()?);
            }
            Word::Stopping => said.push(NotifyState::Stopping),
            Word::Alive => said.push(NotifyState::Watchdog),
            Word::Longer(time) => {
                let usec = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
                said.push(NotifyState::ExtendTimeoutUsec(usec));
            }
            Word::Status(line) => said.push(NotifyState::Status(first_line(line))),
        }
    }
    sd_notify::notify(&said)
}

/// A line feed would end it and begin another word.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
