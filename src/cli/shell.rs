//! What shells and pagers want to know of the commands: completions and manual pages.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use clap_complete::Shell;

use crate::terminal::output;

/// `wsa completions`
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// For this shell.
    #[arg(value_name = "bash|zsh|fish")]
    shell: Shell,
}

/// `wsa man`
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Into this directory, a page for each command. Without it: the page of wsa on standard output.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

impl Completions {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command_line(), "wsa", &mut script);
        output::line(String::from_utf8_lossy(&script).trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut command = super::command_line().disable_help_subcommand(true);
        let Some(directory) = self.out else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::line(String::from_utf8_lossy(&page).trim_end())?;
            return Ok(ExitCode::SUCCESS);
        };
        let lost = || format!("the manual pages cannot be written to {}", directory.display());
        fs::create_dir_all(&directory).with_context(lost)?;
        command.build();
        pages(&command, &mut |name, page| fs::write(directory.join(name), page))
            .with_context(lost)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The page of a command and of each below it: `wsa.1`, `wsa-admin.1`, `wsa-admin-object.1`, ...
fn pages(
    command: &clap::Command,
    write: &mut impl FnMut(String, Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or(command.get_name()).replace(' ', "-");
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone().display_name(name.clone())).render(&mut page)?;
    write(format!("{name}.1"), page)?;
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    below.into_iter().try_for_each(|below| pages(below, write))
}
