//! One process of `wsa`, which is started again and again.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::fs::OpenOptions;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::support::soon;

/// How long an orderly end may take: `shutdown.drain_s` and some.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

/// Killed when dropped.
pub struct Program {
    role: &'static str,
    number: usize,
    variables: Vec<(&'static str, String)>,
    log: PathBuf,
    child: Option<Child>,
    /// Whether its standard error is read.
    read: watch::Sender<bool>,
    /// Ends that nobody asked for.
    pub complaints: Vec<String>,
}

impl Program {
    pub(super) fn new(
        role: &'static str,
        number: usize,
        database_url: &str,
        amqp_url: &str,
        prefix: &str,
        logs: &Path,
    ) -> Program {
        let variables = vec![
            ("WSA__STORE__DATABASE_URL", database_url.to_owned()),
            ("WSA__AMQP__URL", amqp_url.to_owned()),
            ("WSA__AMQP__PREFIX", prefix.to_owned()),
            ("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", "true".to_owned()),
            ("WSA__CALLBACKS__RETRY_AFTER_S", "1,1,2,2,5,5,10,10,20,20".to_owned()),
        ];
        let log = logs.join(format!("{role}-{number}.log"));
        // That of an earlier run.
        drop(std::fs::remove_file(&log));
        let (read, _) = watch::channel(true);
        Program { role, number, variables, log, child: None, read, complaints: Vec::new() }
    }

    /// Starts it and gives the port that it listens at.
    pub(super) async fn start(&mut self) -> u16 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args([self.role, "--listen", "127.0.0.1:0"])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (tell, port) = oneshot::channel();
        tokio::spawn(keep(
            child.stderr.take().unwrap(),
            self.log.clone(),
            tell,
            self.read.subscribe(),
        ));
        self.child = Some(child);
        soon(&format!("{} {} listens", self.role, self.number), port).await.unwrap()
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.running() {
            child.kill().await.unwrap();
        }
    }

    /// SIGTERM, and waits for its end.
    pub async fn terminate(&mut self) {
        let Some(mut child) = self.running() else { return };
        signal(&child, "TERM");
        let complaint = match timeout(ENDS_WITHIN, child.wait()).await {
            Ok(status) => status.unwrap(),
            Err(_) => {
                child.kill().await.unwrap();
                let what = format!("{} {} did not end in time", self.role, self.number);
                self.complaints.push(what);
                return;
            }
        };
        if !complaint.success() {
            self.complaints.push(format!("{} {} ended with {complaint}", self.role, self.number));
        }
    }

    /// SIGSTOP or SIGCONT.
    pub fn freeze(&mut self, frozen: bool) {
        if let Some(child) = &self.child {
            signal(child, if frozen { "STOP" } else { "CONT" });
        }
    }

    /// Reads its standard error, or leaves it where it is.
    pub fn read_log(&mut self, read: bool) {
        self.read.send_replace(read);
    }

    /// Takes the process that should run; notes when it does not.
    fn running(&mut self) -> Option<Child> {
        let mut child = self.child.take()?;
        match child.try_wait().unwrap() {
            None => Some(child),
            Some(status) => {
                let what = format!("{} {} ended by itself: {status}", self.role, self.number);
                self.complaints.push(what);
                None
            }
        }
    }
}

fn signal(child: &Child, name: &str) {
    let Some(id) = child.id() else { return };
    let kill =
        std::process::Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
    assert!(kill.unwrap().success(), "{name} to {id}");
}

/// Keeps the log, and tells the port once it is in it.
async fn keep(
    stderr: ChildStderr,
    log: PathBuf,
    tell: oneshot::Sender<u16>,
    mut read: watch::Receiver<bool>,
) {
    let mut file = OpenOptions::new().create(true).append(true).open(log).await.unwrap();
    let (mut lines, mut tell) = (BufReader::new(stderr).lines(), Some(tell));
    while let Ok(Some(line)) = lines.next_line().await {
        let port = line
            .split_once("listening on http://")
            .and_then(|(_, place)| place.trim().rsplit_once(':')?.1.parse().ok());
        if let (Some(port), Some(tell)) = (port, tell.take_if(|_| port.is_some())) {
            let _ = tell.send(port);
        }
        drop(file.write_all(format!("{line}\n").as_bytes()).await);
        if read.wait_for(|read| *read).await.is_err() {
            // The run is over.
            continue;
        }
    }
}
