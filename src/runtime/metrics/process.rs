//! What there is one of in a process: `process_*`, which is what the operating system says of it under the names
//! that every exporter uses, and its standard error.

use std::fmt::Error;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Looks whenever the metrics are asked for. What the system does not tell is left out.
#[derive(Debug)]
pub(super) struct Process {
    started: f64,
}

impl Process {
    /// The process as of now: it has just been started.
    pub(super) fn starting() -> Process {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Process { started: since.unwrap_or_default().as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> Result<(), Error> {
        let (bytes, seconds) = (Unit::Bytes, Unit::Seconds);
        if let Some(used) = processor_seconds() {
            let help = "Processor time used, of the user and of the system";
            let counter = ConstCounter::new(used);
            counter.encode(to.encode_descriptor(
                "process_cpu",
                help,
                Some(&seconds),
                counter.metric_type(),
            )?)?;
        }
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: Option<f64>| {
            let Some(value) = value else { return Ok(()) };
            let gauge = ConstGauge::new(value);
            gauge.encode(to.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        let resident = status("VmRSS:").map(|kib| kib * 1024.0);
        let files = fs::read_dir("/proc/self/fd").ok().map(|open| open.count() as f64);
        let most = getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft as f64);
        gauge("process_resident_memory", "Memory in use", Some(&bytes), resident)?;
        gauge("process_open_fds", "Files and connections that are open", None, files)?;
        gauge("process_max_fds", "How many of them may be open", None, most)?;
        gauge("process_threads", "Threads", None, status("Threads:"))?;
        let help = "When the process started, in seconds since 1970";
        gauge("process_start_time", help, Some(&seconds), Some(self.started))
    }
}

/// Counted for the process, whose standard error there is one of.
#[derive(Debug)]
pub(super) struct LogLines;

impl Collector for LogLines {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let counter = ConstCounter::new(crate::runtime::telemetry::dropped_lines());
        let help = "Log lines that standard error did not take";
        let encoder =
            encoder.encode_descriptor("log_lines_dropped", help, None, counter.metric_type())?;
        counter.encode(encoder)
    }
}

fn processor_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let used = usage.user_time() + usage.system_time();
    Some(used.num_microseconds() as f64 / 1e6)
}

/// The number after this word in the kernel's description of the process.
fn status(word: &str) -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}
