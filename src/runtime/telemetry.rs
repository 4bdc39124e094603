//! Log lines: one an event, on standard error, with `task.guid` and `object.id` where there are any, and with what
//! request and trace they are of.
//!
//! Nobody waits for a reader of logs: see `telemetry/writer.rs`.

mod context;
mod panics;
mod writer;

use std::time::Duration;

use serde::Deserialize;
use tracing::{Level, Metadata};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

pub use self::writer::dropped_lines;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How long an ending process waits for a reader that takes nothing.
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// Logging for as long as it is kept; when dropped, writes what is left, within 1.5 s.
#[derive(Debug)]
#[must_use]
pub struct Logging {
    guard: Option<WorkerGuard>,
    filter: LogFilter,
}

/// What decides which lines are written, to be changed while the process runs.
#[derive(Debug, Clone)]
pub struct LogFilter(reload::Handle<EnvFilter, Registry>);

impl LogFilter {
    /// From now on this filter decides. One that cannot be read is an error, and changes nothing.
    pub fn set(&self, filter: &str) -> Result<(), ParseError> {
        let filter = parsed(filter)?;
        // An error says that logging was never set up: nothing is written then anyway.
        let _ = self.0.reload(filter);
        Ok(())
    }
}

/// Whether a filter can be read.
pub fn check_filter(filter: &str) -> Result<(), ParseError> {
    EnvFilter::try_new(filter).map(drop)
}

/// Sets up logging for the process. A filter that cannot be read is an error.
pub fn init(format: LogFormat, filter: &str) -> Result<Logging, ParseError> {
    let (filter, handle) = reload::Layer::new(parsed(filter)?);
    let (writer, guard) = writer::start(format);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Text => {
            lines.with_ansi(is_terminal()).fmt_fields(context::TextFields::default()).boxed()
        }
        LogFormat::Json => {
            lines.json().flatten_event(true).map_event_format(context::JsonLines).boxed()
        }
    };
    let lines = lines.with_filter(filter.and(filter_fn(may_be_logged)));
    // A second initialisation, in a test, changes nothing.
    if tracing_subscriber::registry().with(lines).try_init().is_ok() {
        panics::log_them();
    }
    Ok(Logging { guard: Some(guard), filter: LogFilter(handle) })
}

impl Logging {
    /// What decides which lines are written.
    pub fn filter(&self) -> LogFilter {
        self.filter.clone()
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        // On a thread of its own: what the writer does when it cannot end may wait for a reader, too.
        if let Some(guard) = self.guard.take() {
            within(LAST_WORDS, "log-end", move || drop(guard));
        }
    }
}

/// lapin logs messages that come back whole, with what clients wrote in them; what it says beside that, the queue says
/// in our own words.
fn parsed(filter: &str) -> Result<EnvFilter, ParseError> {
    Ok(EnvFilter::try_new(filter)?.add_directive("lapin=off".parse()?))
}

/// Writes the last words of a process to standard error, within 1.5 s.
pub fn last_words(text: String) {
    within(LAST_WORDS, "last-words", move || {
        use std::io::Write;
        // Nobody is left who could be told that it failed.
        let _ = writeln!(std::io::stderr(), "{text}");
    });
}

/// Prints to standard output without waiting for whoever reads it.
pub fn print(text: String) {
    let print = move || {
        use std::io::Write;
        let mut out = std::io::stdout().lock();
        if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
            tracing::debug!(%error, "standard output takes nothing: {error}");
        }
    };
    // Without a thread there is nothing to print with, and no reason not to serve.
    if let Err(error) = std::thread::Builder::new().name("print".into()).spawn(print) {
        tracing::warn!(%error, "nothing can be printed: {error}");
    }
}

/// Waits for `work` at most so long; it goes on by itself.
fn within(bound: Duration, name: &str, work: impl FnOnce() + Send + 'static) {
    let (done, finished) = std::sync::mpsc::channel();
    let work = move || {
        work();
        // An error says that nobody waits any more.
        let _ = done.send(());
    };
    if std::thread::Builder::new().name(name.to_owned()).spawn(work).is_ok() {
        let _ = finished.recv_timeout(bound);
    }
}

/// What libraries say in detail is what they were given: parameters of statements, addresses with
/// passwords, messages. No filter lets that out.
fn may_be_logged(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().split("::").next() == Some("wsa")
}

fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}
