//! `wsa config`: the settings as they are read, where each comes from, and whether they are right.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::config::{Settings, ShownSetting};
use crate::protocols::ALL;
use crate::surface::store::Servers;
use crate::terminal::output;

/// `wsa config`
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Print every setting as a file would have it, without passwords.
    Show(Show),
    /// Check the settings without starting anything: tells everything that is wrong.
    Check(Servers),
}

/// `wsa config show`
#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    servers: Servers,
    /// Say where each value comes from.
    #[arg(long)]
    origin: bool,
    /// Leave out what has its default.
    #[arg(long)]
    changed: bool,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Config::Show(show) => show.run(),
            Config::Check(servers) => check(&servers),
        }
    }
}

impl Show {
    fn run(self) -> anyhow::Result<ExitCode> {
        let shown = self.servers.layers(&[])?.shown().into_iter();
        let shown: Vec<ShownSetting> =
            shown.filter(|setting| !(self.changed && setting.default)).collect();
        let written = |ShownSetting { name, value, .. }: &ShownSetting| format!("{name} = {value}");
        let widest = shown.iter().map(|setting| written(setting).chars().count()).max();
        // One long value does not push all others out of sight.
        let width = widest.unwrap_or(0).min(60);
        for setting in &shown {
            match (self.json, self.origin) {
                (true, _) => output::json_line(setting)?,
                (false, true) => {
                    output::line(format!("{:width$}  # {}", written(setting), setting.origin))?;
                }
                (false, false) => output::line(written(setting))?,
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check(servers: &Servers) -> anyhow::Result<ExitCode> {
    let layers = servers.layers(&[])?;
    let problems = Settings::problems(&layers, &ALL.sections());
    for problem in &problems {
        output::line(problem)?;
    }
    if !problems.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let changed = layers.shown().iter().filter(|setting| !setting.default).count();
    output::line(format!(
        "the settings are right; {changed} are not the defaults: \
         `wsa config show --changed --origin` shows them"
    ))?;
    Ok(ExitCode::SUCCESS)
}
