//! `wsa` as a process of its own: it can be killed.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::client::Client;
use super::{BOUND, soon};

/// How many lines of its log are shown when a test fails.
const LAST_LINES: usize = 40;

/// A running `wsa`. Killed when dropped.
pub struct Process {
    name: String,
    child: Child,
    pub client: Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts `wsa` with these arguments and variables, and waits until it listens.
    pub async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        Process::run(Command::new(env!("CARGO_BIN_EXE_wsa")), arguments, variables).await
    }

    /// The same after these commands of a shell, which bound what it may do.
    pub async fn bounded(by: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut shell = Command::new("sh");
        let wsa = env!("CARGO_BIN_EXE_wsa");
        shell.args(["-c", &format!("{by}; exec {wsa} \"$@\""), "sh"]);
        Process::run(shell, arguments, variables).await
    }

    async fn run(mut wsa: Command, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut child = wsa
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--ops-listen", "off"])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::default();
        let url = soon("it listens", url(&mut lines, &log)).await;
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        let name = arguments.first().unwrap().to_string();
        Process { name, child, client: Client::new(url), log }
    }

    /// Waits until `/readyz` has this status.
    pub async fn until_ready_says(&self, status: u16) {
        let mut said;
        let until = Instant::now() + BOUND;
        loop {
            match self.client.get("/readyz").await {
                Ok(reply) if reply.status == status => return,
                Ok(reply) => said = reply.shown(),
                Err(error) => said = error.to_string(),
            }
            let name = &self.name;
            assert!(Instant::now() < until, "/readyz of {name} is not {status}, but {said}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Whether it runs still.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until its log has a line with this, and gives the line.
    pub async fn until_logged(&self, text: &str) -> String {
        let mut found = None;
        super::eventually(&format!("{text:?} is logged"), async || {
            let log = self.log.lock().unwrap();
            found = log.iter().find(|line| line.contains(text)).cloned();
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Sends a signal, such as `-HUP`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let kill = std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(kill.success());
    }

    /// Allows it so many open files from now on.
    pub fn may_open(&self, files: &str) {
        let (id, files) = (self.child.id().unwrap().to_string(), format!("--nofile={files}:1024"));
        let set = std::process::Command::new("prlimit").args(["--pid", &id, &files]).status();
        assert!(set.unwrap().success());
    }

    /// SIGKILL.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM.
    pub async fn terminate(mut self) -> ExitStatus {
        self.signal("-TERM");
        soon("it ends", self.child.wait()).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log.lock().unwrap();
            let last = &log[log.len().saturating_sub(LAST_LINES)..];
            println!("--- the end of the log of wsa {}:\n{}", self.name, last.join("\n"));
        }
    }
}

async fn url(lines: &mut Lines<BufReader<ChildStderr>>, log: &Mutex<Vec<String>>) -> String {
    while let Some(line) = lines.next_line().await.unwrap() {
        let url = line.split_once("listening on ").map(|(_, rest)| {
            // In JSON, the sentence ends with a quotation mark.
            rest.split(['"', ' ']).next().unwrap_or_default().to_owned()
        });
        log.lock().unwrap().push(line);
        if let Some(url) = url {
            return url;
        }
    }
    panic!("it ended before it listened:\n{}", log.lock().unwrap().join("\n"));
}
