//! Log lines: one an event, on standard error, with `task.guid` and `object.id` where there are any.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{Log, LogFormat};

/// Sets up logging for the process. A filter that cannot be read is an error.
pub fn init(log: &Log) -> Result<(), ParseError> {
    // lapin logs messages that come back whole, with what clients wrote in them; what it says beside
    // that, the queue says in our own words.
    let filter = EnvFilter::try_new(&log.filter)?.add_directive("lapin=off".parse()?);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second initialisation, in a test, changes nothing.
    let _ = match log.format {
        LogFormat::Text => lines.with_ansi(is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}

fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}
