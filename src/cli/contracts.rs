//! `wsa contracts`: the OpenAPI and AsyncAPI documents and the JSON Schemas of this version.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use crate::contracts::{self, PREFIX};
use crate::protocols::ALL;
use crate::terminal::output;

/// `wsa contracts`
#[derive(Debug, Args)]
pub(super) struct Contracts {
    /// Print this one: openapi, asyncapi, or the name of a schema, like PayOrderRequest. Without it, the
    /// names are listed.
    name: Option<String>,
    /// Write all of them into this directory.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "name")]
    out: Option<PathBuf>,
    /// The prefix of exchanges and queues in the AsyncAPI document.
    #[arg(long, value_name = "PREFIX", default_value = PREFIX)]
    amqp_prefix: String,
}

impl Contracts {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let documents = contracts::documents(&ALL, &self.amqp_prefix);
        let name = |path: &str| {
            let file = path.rsplit('/').next().unwrap_or(path);
            file.trim_end_matches(".json").to_owned()
        };
        if let Some(directory) = &self.out {
            for (path, text) in &documents {
                let path = directory.join(path);
                let parent = path.parent().unwrap_or(directory);
                std::fs::create_dir_all(parent)
                    .and_then(|()| std::fs::write(&path, text))
                    .with_context(|| format!("{} cannot be written", path.display()))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        match &self.name {
            None => {
                for (path, _) in &documents {
                    output::line(name(path))?;
                }
            }
            Some(wanted) => match documents.iter().find(|(path, _)| name(path) == *wanted) {
                Some((_, text)) => output::line(text.trim_end())?,
                None => bail!("nothing is named {wanted:?}; `wsa contracts` lists the names"),
            },
        }
        Ok(ExitCode::SUCCESS)
    }
}
