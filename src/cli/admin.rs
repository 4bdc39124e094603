//! `wsa admin`: the reference data of every protocol.

use std::fmt;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, Error, FromArgMatches, Subcommand};

use crate::ops::commands;
use crate::protocols::ALL;
use crate::surface::AdminCommands;
use crate::surface::admin::Job;

fn all() -> impl Iterator<Item = AdminCommands> {
    commands::all(&ALL)
}

/// `wsa admin`
pub(super) struct Admin(Job);

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").finish_non_exhaustive()
    }
}

impl Admin {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        self.0.await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl FromArgMatches for Admin {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Admin, Error> {
        let name = matches.subcommand_name().unwrap_or_default();
        match all().find(|commands| commands.has(name)) {
            Some(commands) => Ok(Admin(commands.read(matches, &ALL)?)),
            None => Err(Error::new(ErrorKind::MissingSubcommand)),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Admin::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Admin {
    fn augment_subcommands(command: Command) -> Command {
        all().fold(command, |command, commands| commands.augment(command))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Admin::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        all().any(|commands| commands.has(name))
    }
}
