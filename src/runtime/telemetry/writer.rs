//! Where log lines go: a bounded queue, and one thread that writes to standard error. When the queue is full
//! (nobody reads, or the reader is slow), lines are dropped and counted; the work that they tell of goes on.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

use super::LogFormat;

/// How many lines may wait: about a megabyte, many times what a busy second writes at `info`.
const LINES: usize = 4096;
/// How soon to try again where standard error was made non-blocking by whoever shares it.
const TRY_AGAIN: Duration = Duration::from_millis(10);

/// Lines for which there was no room in the queue.
static REFUSED: OnceLock<ErrorCounter> = OnceLock::new();
/// Lines that standard error did not take, because its reader is gone.
static UNWRITTEN: AtomicU64 = AtomicU64::new(0);

/// How many log lines of this process nobody will ever read.
pub fn dropped_lines() -> u64 {
    let refused = REFUSED.get().map_or(0, |counter| counter.dropped_lines() as u64);
    refused + UNWRITTEN.load(Ordering::Relaxed)
}

/// Starts the thread. The guard ends it.
pub(super) fn start(format: LogFormat) -> (NonBlocking, WorkerGuard) {
    let lines = Lines { out: io::stderr(), format, reported: 0 };
    let queue = NonBlockingBuilder::default().buffered_lines_limit(LINES).lossy(true);
    let (writer, guard) = queue.thread_name("log").finish(lines);
    // Set already by a first initialisation, whose lines are the ones that count.
    let _ = REFUSED.set(writer.error_counter());
    (writer, guard)
}

/// Writes lines, and says how many are missing once lines can be written again.
struct Lines<W> {
    out: W,
    format: LogFormat,
    reported: u64,
}

impl<W: Write> Lines<W> {
    fn put(&mut self, mut line: &[u8]) -> io::Result<()> {
        while !line.is_empty() {
            match self.out.write(line) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => line = &line[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(TRY_AGAIN),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes how many lines were dropped, before the next line: they are missing there or later.
    fn report_dropped(&mut self, dropped: u64) -> io::Result<()> {
        if dropped <= self.reported {
            return Ok(());
        }
        let line = dropped_line(self.format, Timestamp::now(), dropped - self.reported);
        self.put(line.as_bytes())?;
        self.reported = dropped;
        Ok(())
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.put(line).and_then(|()| self.report_dropped(dropped_lines()));
        if written.is_err() {
            UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// By hand, as the queue that other lines take may be full.
fn dropped_line(format: LogFormat, now: Timestamp, count: u64) -> String {
    let lines = if count == 1 { "line was" } else { "lines were" };
    let message = format!("{count} log {lines} dropped: standard error took no more");
    match format {
        LogFormat::Text => format!("{now:.6}  WARN wsa::runtime::telemetry: {message}\n"),
        LogFormat::Json => {
            let line = serde_json::json!({
                "timestamp": format!("{now:.6}"), "level": "WARN", "message": message,
                "dropped": count, "target": "wsa::runtime::telemetry",
            });
            format!("{line}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time, and none every other time.
    struct Shy(Vec<u8>, bool);

    impl Write for Shy {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let taken = bytes.len().min(3);
            self.0.extend(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_whole_on_a_standard_error_that_does_not_wait() {
        let mut lines = Lines { out: Shy(Vec::new(), false), format: LogFormat::Text, reported: 0 };
        lines.put(b"a line of a log\n").unwrap();
        lines.report_dropped(2).unwrap();
        lines.report_dropped(2).unwrap();
        let text = String::from_utf8(lines.out.0).unwrap();
        let lines_read: Vec<_> = text.lines().collect();
        assert_eq!(lines_read.len(), 2, "{text}");
        assert_eq!(lines_read[0], "a line of a log");
        assert!(
            lines_read[1].contains("WARN wsa::runtime::telemetry: 2 log lines were dropped"),
            "{text}"
        );
    }

    #[test]
    fn the_line_about_dropped_lines_is_json_where_lines_are() {
        let line = dropped_line(LogFormat::Json, Timestamp::UNIX_EPOCH, 1);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["message"], "1 log line was dropped: standard error took no more");
        assert_eq!(line["timestamp"], "1970-01-01T00:00:00.000000Z");
    }
}
