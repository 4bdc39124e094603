//! `wsa up`, `wsa api`, `wsa worker`: start, run until told to stop, drain.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use tokio::sync::mpsc;

use super::demo;
use crate::boot::{self, Role, Running};
use crate::config::Settings;
use crate::protocols::ALL;
use crate::runtime::shutdown::Reload;
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
        let settings = servers.settings(&ALL, &door.settings())?;
        let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        settings.notes.iter().for_each(|note| tracing::warn!("{note}"));
        run(settings, role, demo, requests).await
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
    role: Role,
    demo: bool,
    mut requests: Requests,
) -> anyhow::Result<ExitCode> {
    let reload = Reload::default();
    let has_certificate = crate::runtime::tls::server::is_set(&settings.http.tls)?;
    let until_end = until_end(&mut requests, &reload, has_certificate);
    tokio::pin!(until_end);
    // In a task of its own: a start that waits for a disk or a name server must not keep a signal waiting.
    let mut starting = tokio::spawn(boot::start_with(settings, role, reload.clone()));
    let running = tokio::select! {
        biased;
        running = &mut starting => running??,
        () = &mut until_end => {
            starting.abort();
            return Ok(ExitCode::SUCCESS);
        }
    };
    // Callers are served already: whatever ends this now, what they have in hand is finished.
    let serving = async {
        if demo {
            show_demo(&running).await?;
        } else if role == Role::Up
            && let Some(next) = demo::next_step(&running).await?
        {
            telemetry::print(next);
        }
        std::future::pending().await
    };
    let served = tokio::select! {
        failed = serving => failed,
        () = until_end => Ok(ExitCode::SUCCESS),
    };
    running.stop().await;
    served
}

async fn show_demo(running: &Running) -> anyhow::Result<()> {
    demo::seed(&running.app.store).await?;
    telemetry::print(demo::instructions(running).await?);
    Ok(())
}

/// Serves signals until one asks for the end.
async fn until_end(requests: &mut Requests, reload: &Reload, has_certificate: bool) {
    loop {
        match requests.recv().await {
            Some(Request::End(name)) => {
                tracing::info!("{name}: finishing what is in hand");
                return;
            }
            Some(Request::Reload) if has_certificate => {
                tracing::info!("SIGHUP: reading the certificate of the API again");
                reload.request();
            }
            Some(Request::Reload) => {
                tracing::info!("SIGHUP: ignored, as http.tls names no certificate to read again");
            }
            Some(Request::Nothing(name)) => tracing::info!("{name}: ignored"),
            // Signals cannot be taken up any more, which their thread never does to a process that runs.
            None => std::future::pending().await,
        }
    }
}
