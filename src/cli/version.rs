//! `wsa version`: which program this is.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::engine::store::migrate::NEWEST;
use crate::terminal::output;

/// `wsa version`
#[derive(Debug, Args)]
pub(super) struct Version {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Described {
    version: &'static str,
    /// The commit that it was built from, where whoever built it said so (`WSA_COMMIT`).
    commit: Option<&'static str>,
    build: &'static str,
    target: String,
    /// The newest step of the schema that it knows.
    schema: i64,
}

impl Version {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let described = Described {
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("WSA_COMMIT"),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            schema: NEWEST,
        };
        if self.json {
            output::json_line(&described)?;
            return Ok(ExitCode::SUCCESS);
        }
        let Described { version, commit, build, target, schema } = described;
        let commit = commit.unwrap_or("unknown");
        output::line(format_args!(
            "wsa {version}, commit {commit}, {build} build for {target}, schema {schema}"
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
