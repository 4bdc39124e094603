//! `wsa up`, `wsa api`, `wsa worker`: start, run until told to stop, drain.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::sync::{Notify, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::demo;
use super::reload::{Read, Reloader};
use crate::boot::{self, Manager, Outside, Role, Running};
use crate::config::Settings;
use crate::protocols::ALL;
use crate::runtime::signals::Request;
use crate::runtime::telemetry;
use crate::surface::store::Servers;

/// What is asked of a process from outside.
type Requests = mpsc::UnboundedReceiver<Request>;

/// Commands that run until they are told to end.
#[derive(Debug, Subcommand)]
pub(super) enum Serve {
    /// Everything in one process: API, worker, sweeper; embedded unless servers are named.
    Up(Up),
    /// The HTTP API and the sweeper; needs PostgreSQL and RabbitMQ.
    Api(Replica),
    /// Workers and the sweeper; needs PostgreSQL and RabbitMQ.
    Worker(Replica),
}

impl Serve {
    pub(super) async fn run(self, requests: Requests) -> anyhow::Result<ExitCode> {
        let (servers, door, role, demo) = match self {
            Serve::Up(Up { servers, door, demo }) => (servers, door, Role::Up, demo),
            Serve::Api(Replica { servers, door }) => (servers, door, Role::Api, false),
            Serve::Worker(Replica { servers, door }) => (servers, door, Role::Worker, false),
        };
        let flags = door.settings();
        let read: Read = Arc::new(move || servers.layers(&flags));
        let (started, applied) = (read()?, read()?);
        let settings = Settings::of(&started, &ALL.sections())?;
        let logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        settings.notes.iter().for_each(|note| tracing::warn!("{note}"));
        let outside = Outside { manager: Manager::of_environment(), ..Outside::default() };
        let (filter, requested) = (logging.filter(), Arc::new(Notify::new()));
        let reloader = Reloader { read, started, applied, filter, outside: outside.clone() };
        let _reloading = AbortOnDropHandle::new(tokio::spawn(reloader.run(Arc::clone(&requested))));
        run(settings, (role, demo), outside, (requests, requested)).await
    }
}

/// `wsa up`
#[derive(Debug, Args)]
pub(super) struct Up {
    #[command(flatten)]
    servers: Servers,
    #[command(flatten)]
    door: Door,
    /// Put in a demo restaurant of each agent version, and print what to try.
    #[arg(long)]
    demo: bool,
}

/// `wsa api`, `wsa worker`
#[derive(Debug, Args)]
pub(super) struct Replica {
    #[command(flatten)]
    servers: Servers,
    #[command(flatten)]
    door: Door,
}

/// Where and how HTTP is spoken.
#[derive(Debug, Args)]
struct Door {
    /// Where to listen for HTTP: the API, or for a worker only /healthz, /readyz and /metrics; else WSA__HTTP__LISTEN,
    /// and without that 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where operators are served, but for a worker; off: nowhere. Else WSA__OPS__LISTEN, and without that
    /// 127.0.0.1:8081.
    #[arg(long, value_name = "ADDRESS:PORT")]
    ops_listen: Option<String>,
    /// Speak HTTPS, with the certificate in this PEM file; else WSA__HTTP__TLS__CERTIFICATE.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<String>,
    /// The key of the certificate; else WSA__HTTP__TLS__KEY.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<String>,
    /// Let nobody in without a certificate of these authorities; else WSA__HTTP__TLS__CLIENT_CA.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_client_ca: Option<String>,
}

impl Door {
    fn settings(self) -> [(&'static str, Option<String>); 5] {
        [
            ("http.listen", self.listen),
            ("ops.listen", self.ops_listen),
            ("http.tls.certificate", self.tls_certificate),
            ("http.tls.key", self.tls_key),
            ("http.tls.client_ca", self.tls_client_ca),
        ]
    }
}

async fn run(
    settings: Settings,
    (role, demo): (Role, bool),
    outside: Outside,
    (mut requests, reload): (Requests, Arc<Notify>),
) -> anyhow::Result<ExitCode> {
    let drain = Duration::from_secs(settings.shutdown.drain_s);
    let manager = outside.manager.clone();
    let until_end = until_end(&mut requests, &reload);
    tokio::pin!(until_end);
    // In a task of its own: a start that waits for a disk or a name server must not keep a signal waiting.
    let mut starting = tokio::spawn(boot::start_with(settings, role, outside));
    let running = tokio::select! {
        biased;
        running = &mut starting => running??,
        () = &mut until_end => {
            starting.abort();
            manager.stopping(drain).await;
            return Ok(ExitCode::SUCCESS);
        }
    };
    // Callers are served already: whatever ends this now, what they have in hand is finished.
    let serving = async {
        if demo {
            show_demo(&running).await?;
        } else if role == Role::Up {
            match demo::next_step(&running).await {
                Ok(next) => next.into_iter().for_each(telemetry::print),
                // Advice: whoever is served already needs none.
                Err(error) => tracing::warn!("what to do next cannot be told: {error:#}"),
            }
        }
        std::future::pending().await
    };
    let served = tokio::select! {
        failed = serving => failed,
        () = until_end => Ok(ExitCode::SUCCESS),
    };
    manager.stopping(drain).await;
    running.stop().await;
    served
}

async fn show_demo(running: &Running) -> anyhow::Result<()> {
    demo::seed(&running.app.store).await?;
    telemetry::print(demo::instructions(running).await?);
    Ok(())
}

/// Serves signals until one asks for the end.
async fn until_end(requests: &mut Requests, reload: &Notify) {
    loop {
        match requests.recv().await {
            Some(Request::End(name)) => {
                tracing::info!("{name}: finishing what is in hand");
                return;
            }
            // Beside this: files that do not answer must not keep the next signal waiting.
            Some(Request::Reload) => reload.notify_one(),
            Some(Request::Nothing(name)) => tracing::info!("{name}: ignored"),
            // Signals cannot be taken up any more, which their thread never does to a process that runs.
            None => std::future::pending().await,
        }
    }
}
