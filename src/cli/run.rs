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
    /// Where to listen for HTTP.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Put in a demo restaurant of each agent version, and print what to try.
    #[arg(long)]
    demo: bool,
}

/// `wsa api`, `wsa worker`
#[derive(Debug, Args)]
pub(super) struct Replica {
    #[command(flatten)]
    servers: Servers,
    /// Where to listen for HTTP: the API, or for a worker only /healthz, /readyz and /metrics.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

impl Up {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        run(&self.servers, self.listen, Role::Up, self.demo).await
    }
}

impl Replica {
    pub(super) async fn run(self, role: Role) -> anyhow::Result<ExitCode> {
        run(&self.servers, self.listen, role, false).await
    }
}

async fn run(
    servers: &Servers,
    listen: Option<String>,
    role: Role,
    demo: bool,
) -> anyhow::Result<ExitCode> {
    let settings = servers.settings(&[("http.listen", listen)])?;
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
