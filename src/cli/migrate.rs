//! `wsa migrate`: the schema, brought up to date.

use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::boot::checked;
use crate::engine::checks::Finding;
use crate::protocols::ALL;
use crate::runtime::telemetry;
use crate::surface::store::{Servers, open_store};
use crate::terminal::output;

/// Applies the steps that are missing, where the database can be used.
pub(super) async fn run(servers: &Servers) -> anyhow::Result<ExitCode> {
    let settings = servers.settings(&ALL, &[])?;
    // For what a step waits is said where people look.
    let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
    let store = open_store(&ALL, &settings, true)?;
    if let Err(Finding::Refuse(message) | Finding::Wait(message) | Finding::Warn(message)) =
        checked(&store, &settings).await.context("the store cannot be used")?
    {
        bail!("nothing was migrated: {message}");
    }
    let steps = store.migrate().await?;
    match steps.is_empty() {
        true => output::line(format!("the schema of the {} store is up to date", store.kind()))?,
        false => {
            output::line(format!("applied to the {} store: {}", store.kind(), steps.join(", ")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
