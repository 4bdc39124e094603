//! The commands of a protocol below `wsa admin`. What is there already is never replaced by an `add`.

use clap::{ArgMatches, Command, Error, Subcommand};
use futures_util::future::BoxFuture;

use super::ProtocolList;

/// What a protocol has below `wsa admin`.
pub trait AdminCommand: Subcommand {
    /// Does it in the store of a program that speaks these protocols, and says so.
    fn run(
        self,
        protocols: &'static ProtocolList,
    ) -> impl Future<Output = anyhow::Result<()>> + Send + 'static;
}

/// A command that was read and is to be carried out.
pub type Job = BoxFuture<'static, anyhow::Result<()>>;

/// The commands of a protocol, whatever their types are.
#[derive(Debug, Clone, Copy)]
pub struct AdminCommands {
    augment: fn(Command) -> Command,
    has: fn(&str) -> bool,
    read: fn(&ArgMatches, &'static ProtocolList) -> Result<Job, Error>,
}

impl AdminCommands {
    /// These.
    pub const fn of<C: AdminCommand>() -> AdminCommands {
        AdminCommands {
            augment: C::augment_subcommands,
            has: C::has_subcommand,
            read: |matches, protocols| Ok(Box::pin(C::from_arg_matches(matches)?.run(protocols))),
        }
    }

    /// A command with these below it.
    pub fn augment(&self, command: Command) -> Command {
        (self.augment)(command)
    }

    /// Whether one of them has this name.
    pub fn has(&self, name: &str) -> bool {
        (self.has)(name)
    }

    /// Reads the arguments of one of them; it is carried out in the store of a program that speaks these protocols.
    pub fn read(
        &self,
        matches: &ArgMatches,
        protocols: &'static ProtocolList,
    ) -> Result<Job, Error> {
        (self.read)(matches, protocols)
    }
}
