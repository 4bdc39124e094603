//! `wsa admin echo`: who may say something.

use anyhow::bail;
use clap::{Args, Subcommand};
use wsa::surface::store::StoreFlags;
use wsa::surface::{AdminCommand, ProtocolList};
use wsa::terminal::{output, values};

use super::sql;

/// The command below `wsa admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Let somebody say something.
    Echo(Echo),
}

#[derive(Debug, Args)]
pub(super) struct Echo {
    /// A name for people.
    #[arg(long, value_parser = values::name)]
    name: String,
    /// What the caller proves itself with.
    #[arg(long)]
    token: String,
    /// The object that the caller speaks at.
    #[arg(long, value_name = "ID")]
    object: i64,
    #[command(flatten)]
    on: StoreFlags,
}

impl AdminCommand for Admin {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Admin::Echo(Echo { name, token, object, on }) = self;
        let store = on.open(protocols).await?;
        if !sql::add(&store, &name, &token, object).await? {
            bail!("there is an aggregator {name:?} already, or its token is somebody's");
        }
        Ok(output::line(format_args!("{name:?} may speak at object {object}"))?)
    }
}
