//! `wsa` with standard streams of a test's own.

use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The command, with an embedded store of its own where it serves.
pub fn wsa(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// `wsa up` on an empty directory.
pub fn up(directory: &TempDir, more: &[&str]) -> Command {
    let mut command = wsa(&["up", "--data-dir", directory.path().to_str().unwrap()]);
    command.args(more);
    command
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Sends a signal to a process, such as `-HUP`.
pub fn signal(id: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &id.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits for the end; a process that does not come to one is killed.
pub fn end_within(child: &mut Child, bound: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + bound;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// What became of a process: its code, or the signal that ended it as a negative number.
pub fn outcome(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| -status.signal().unwrap())
}

/// Runs a command to its end and gives what it said on standard error with its code.
pub fn said(command: &mut Command, bound: Duration) -> (String, Option<i32>) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    let status = end_within(&mut child, bound);
    (reading.join().unwrap(), status.map(outcome))
}
