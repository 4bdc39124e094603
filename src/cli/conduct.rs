//! What a command of an operator's is, for the journal.

use clap::{Arg, ArgMatches, Command};
use nix::unistd::{User, geteuid};

use crate::engine::store::journal::{Actor, Via};
use crate::surface::conduct::{self, Conduct};

/// The commands whose changes are entered in the journal, and the flag that says why. (Dead letters have reasons of their
/// own.)
const ENTERED: [(&str, &str); 2] = [("admin", "reason"), ("dead", "why")];

/// The commands, with `--reason` for those that the journal has.
pub(super) fn with_reasons(command: Command) -> Command {
    ENTERED.iter().fold(command, |command, (name, flag)| {
        command.mut_subcommand(name, |command| {
            command
                .arg(
                    Arg::new(*flag)
                        .long(*flag)
                        .value_name("TEXT")
                        .global(true)
                        .help("Why: what the journal says of it"),
                )
                .arg(Arg::new("ops").long("ops").value_name("URL").global(true).help(
                    "Do it over the operator API at this URL, with the token in WSA_OPS_TOKEN",
                ))
        })
    })
}

/// What the journal says of this command; `None`: it has no entries.
pub(super) fn of(matches: &ArgMatches) -> Option<Conduct> {
    let (name, _) = matches.subcommand()?;
    let (_, flag) = ENTERED.iter().find(|(entered, _)| *entered == name)?;
    let (mut words, mut last) = (Vec::new(), matches);
    while let Some((name, below)) = last.subcommand() {
        words.push(name);
        last = below;
    }
    let reason = last.try_get_one::<String>(flag).ok().flatten().cloned();
    let act = conduct::act(&words.join(" "), last, reason);
    Some(Conduct { actor: Actor { who: user(), role: None, via: Via::Cli }, act, place: None })
}

/// The user of the system that runs this process.
fn user() -> String {
    let id = geteuid();
    match User::from_uid(id) {
        Ok(Some(user)) => user.name,
        _ => format!("uid {id}"),
    }
}
