//! Panics are log lines, too: the standard hook writes to standard error by itself, and the thread that
//! panicked would wait there for a reader.

use std::panic::PanicHookInfo;

/// Has every panic logged from now on, with its place and the name of its thread.
pub(super) fn log_them() {
    std::panic::set_hook(Box::new(log_one));
}

fn log_one(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!("panic in thread {thread}{place}: {message}");
}
