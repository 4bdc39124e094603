//! An API and a worker as processes of their own, as an operator runs them.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::ExposeSecret;
use tokio::time::sleep;

use super::usage::Parts;
use crate::config::Settings;

/// How long they may take to be ready, and to end.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// Both of them; killed when dropped.
pub struct Processes {
    api: Process,
    worker: Process,
}

struct Process {
    child: Child,
    url: String,
}

impl Processes {
    /// Starts them on the servers of these settings, and waits until both are ready.
    pub async fn start(settings: &Settings) -> anyhow::Result<Processes> {
        let mut started = Processes {
            api: Process::start("api", settings)?,
            worker: Process::start("worker", settings)?,
        };
        for process in [&mut started.api, &mut started.worker] {
            process.until_ready().await?;
        }
        Ok(started)
    }

    /// Where the API listens.
    pub fn url(&self) -> String {
        self.api.url.clone()
    }

    /// Adds them to the parts whose processor time counts.
    pub fn added_to(&self, parts: Parts) -> Parts {
        let parts = parts.with_process("API", self.api.child.id());
        parts.with_process("worker", self.worker.child.id())
    }

    /// Has them drain and end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        for process in [&mut self.api, &mut self.worker] {
            process.stop().await?;
        }
        Ok(())
    }
}

impl Process {
    fn start(role: &str, settings: &Settings) -> anyhow::Result<Process> {
        // Free now, and hardly taken by somebody else in the next moment.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let program = std::env::current_exe().context("this program cannot be found")?;
        let amqp = settings.amqp();
        // By the environment, which others do not see as they see arguments.
        let child = Command::new(program)
            .arg(role)
            .env("WSA__STORE__DATABASE_URL", settings.database_url().unwrap_or_default())
            .env("WSA__AMQP__URL", amqp.as_ref().map_or("", |amqp| amqp.url.expose_secret()))
            .env("WSA__HTTP__LISTEN", address.to_string())
            .env("WSA__HTTP__TLS__CERTIFICATE", "")
            .env("WSA__HTTP__TLS__KEY", "")
            .env("WSA__LIMITS__REQUESTS_PER_S", settings.limits.requests_per_s.to_string())
            .env("WSA__LOG__FILTER", &settings.log.filter)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("`wsa {role}` cannot be started"))?;
        Ok(Process { child, url: format!("http://{address}") })
    }

    async fn until_ready(&mut self) -> anyhow::Result<()> {
        let (client, begin) = (crate::runtime::tls::http_client().build()?, Instant::now());
        while begin.elapsed() < PATIENCE {
            let ready = client.get(format!("{}/readyz", self.url)).send().await;
            if ready.is_ok_and(|response| response.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("a process of the bench ended at its start: {status}");
            }
            sleep(LOOK).await;
        }
        bail!("a process of the bench was not ready within {PATIENCE:?}")
    }

    async fn stop(&mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGTERM)?;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        bail!("a process of the bench did not end within {PATIENCE:?}")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended is no reason for an error.
        drop((self.child.kill(), self.child.wait()));
    }
}
