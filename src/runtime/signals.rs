//! Signals, from the first moment: they are blocked before a process does anything else, and taken up by a
//! thread of their own.
//!
//! A signal that is blocked waits until it is taken, also in process 1 of a container, for which the system
//! otherwise ignores what has no handler. The thread needs no runtime: a second signal ends the process even
//! when nothing else in it gets on.

use nix::sys::signal::{SigSet, Signal};
use tokio::sync::mpsc;

/// Ask a process to end: it drains.
const ENDING: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGXCPU];
/// Would end a process that has no use for them. SIGXFSZ tells of a write beyond a limit on files, which fails
/// by itself and is refused by name.
const OTHERS: [Signal; 9] = [
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGVTALRM,
    Signal::SIGPROF,
    Signal::SIGIO,
    Signal::SIGPWR,
    Signal::SIGSTKFLT,
    Signal::SIGXFSZ,
];

/// How long the line about a second signal gets to be written.
const LAST_LINE: std::time::Duration = std::time::Duration::from_millis(50);

/// What a signal asks of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Drain and end.
    End(&'static str),
    /// Read the settings and certificates again.
    Reload,
    /// Nothing: to be logged.
    Nothing(&'static str),
}

/// Signals that are blocked in this thread and in all that it starts.
#[derive(Debug)]
#[must_use]
pub struct Blocked(SigSet);

/// Blocks every signal that this program has a word for. Call it before there are other threads.
pub fn block() -> nix::Result<Blocked> {
    let mut set = SigSet::empty();
    ENDING.iter().chain(&OTHERS).chain(&[Signal::SIGHUP]).for_each(|signal| set.add(*signal));
    set.thread_block()?;
    Ok(Blocked(set))
}

impl Blocked {
    /// Gives the signals back their ordinary effect, for commands that end at once; those that came meanwhile
    /// have it now. Process 1 has no such effect: there, what asks it to end does so.
    pub fn release(self) -> std::io::Result<()> {
        if std::process::id() == 1 {
            return spawn(move || {
                loop {
                    if let Ok(signal) = self.0.wait()
                        && (ENDING.contains(&signal) || signal == Signal::SIGHUP)
                    {
                        exit(signal);
                    }
                }
            });
        }
        Ok(self.0.thread_unblock()?)
    }

    /// Starts the thread that takes them up. A second signal that asks for the end ends the process at once:
    /// its tasks are in the store.
    pub fn take_up(self) -> std::io::Result<mpsc::UnboundedReceiver<Request>> {
        let (sender, requests) = mpsc::unbounded_channel();
        spawn(move || {
            let mut ending = false;
            loop {
                // The only error is a set that cannot be waited for, which this one is not.
                let Ok(signal) = self.0.wait() else { return };
                let request = request(signal);
                if matches!(request, Request::End(_)) && std::mem::replace(&mut ending, true) {
                    tracing::warn!(
                        "a second signal: ending at once; open tasks are kept in the store"
                    );
                    exit(signal);
                }
                // An error says that the process is ending.
                let _ = sender.send(request);
            }
        })?;
        Ok(requests)
    }
}

fn request(signal: Signal) -> Request {
    match signal {
        Signal::SIGHUP => Request::Reload,
        Signal::SIGINT => Request::End("Ctrl-C"),
        signal if ENDING.contains(&signal) => Request::End(signal.as_str()),
        signal => Request::Nothing(signal.as_str()),
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name("signals".into()).spawn(work).map(drop)
}

/// As a shell tells of a process that a signal has ended.
fn exit(signal: Signal) -> ! {
    // For the thread that writes log lines.
    std::thread::sleep(LAST_LINE);
    std::process::exit(128 + signal as i32)
}
