//! `wsa up`, `wsa api`, `wsa worker`: start, run until told to stop, drain.

use std::process::ExitCode;

use clap::Args;

use super::{Servers, demo};
use crate::boot::{self, Role};
use crate::{shutdown, telemetry};

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
    /// Where to listen for HTTP: the API, or for a worker only /healthz, /readyz and /metrics.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Speak HTTPS, with the certificate in this PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<String>,
    /// The key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<String>,
    /// Let nobody in without a certificate of these authorities.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_client_ca: Option<String>,
}

impl Door {
    fn settings(self) -> [(&'static str, Option<String>); 4] {
        [
            ("http.listen", self.listen),
            ("http.tls.certificate", self.tls_certificate),
            ("http.tls.key", self.tls_key),
            ("http.tls.client_ca", self.tls_client_ca),
        ]
    }
}

impl Up {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        run(&self.servers, self.door, Role::Up, self.demo).await
    }
}

impl Replica {
    pub(super) async fn run(self, role: Role) -> anyhow::Result<ExitCode> {
        run(&self.servers, self.door, role, false).await
    }
}

async fn run(servers: &Servers, door: Door, role: Role, demo: bool) -> anyhow::Result<ExitCode> {
    let settings = servers.settings(&door.settings())?;
    telemetry::init(&settings.log)?;
    // Before anything starts: a signal in the middle of the start is not lost.
    let requested = shutdown::requested();
    tokio::pin!(requested);
    let running = tokio::select! {
        running = boot::start(settings, role) => running?,
        stopped = &mut requested => return stopped.map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    if demo {
        demo::seed(&running.app.store).await?;
        println!("{}", demo::instructions(&running).await?);
    }
    requested.await?;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}
