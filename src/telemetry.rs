//! Log lines: one an event, on standard error, with `task.guid` and `object.id` where there are any.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Sets up logging for the process. A filter that cannot be read is an error.
pub fn init(log: &Log) -> Result<(), ParseError> {
    // lapin logs messages that come back whole, with what clients wrote in them; what it says beside
    // that, the queue says in our own words.
    let filter = EnvFilter::try_new(&log.filter)?.add_directive("lapin=off".parse()?);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let lines = lines.with_filter(filter.and(filter_fn(is_ours_to_tell)));
    // A second initialisation, in a test, changes nothing.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

/// What libraries say in detail is what they were given: parameters of statements, addresses with
/// passwords, messages. No filter lets that out.
fn is_ours_to_tell(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().split("::").next() == Some("wsa")
}

fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}
