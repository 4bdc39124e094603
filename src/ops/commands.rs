//! `wsa admin` over the operator API: a command is read and carried out here as on the command line, in the store of this
//! process, and what it prints is its answer. Files and standard input are the caller's, not this process's: an argument
//! that names one is refused.

pub mod operators;

use std::any::TypeId;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::access::Role;
use super::actions::Acting;
use super::problem::Problem;
use super::state::OpsState;
use crate::surface::conduct::{Conduct, Place};
use crate::surface::{AdminCommands, ProtocolList};
use crate::terminal::output;

/// The role that a command needs.
pub const ROLE: Role = Role::Admin;
/// How many words a command has at most.
const MOST_WORDS: usize = 200;

/// Flags that say where a store is.
const ELSEWHERE: [&str; 3] = ["database_url", "amqp_url", "data_dir"];

/// What a command came to.
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
pub struct Ran {
    /// What it printed.
    pub output: String,
    /// Why it failed; `None`: it did not.
    pub error: Option<String>,
}

/// The commands of every protocol below `wsa admin`, and those of the program itself.
pub fn all(list: &'static ProtocolList) -> impl Iterator<Item = AdminCommands> {
    let own = AdminCommands::of::<operators::Own>();
    list.surfaces().map(|surface| surface.admin()).chain(std::iter::once(own))
}

/// Carries out `wsa admin` with these words, in the name of whoever acts.
pub async fn run(acting: &Acting<'_>, words: &[String]) -> Result<Ran, Problem> {
    if words.len() > MOST_WORDS {
        return Err(Problem::bad(format!("words: a command has at most {MOST_WORDS}")));
    }
    let state: &OpsState = acting.state;
    let command = all(state.list).fold(Command::new("admin"), |command, of| of.augment(command));
    let command = command.subcommand_required(true).disable_help_flag(false).no_binary_name(true);
    let read = command.clone().try_get_matches_from(words);
    let matches = read.map_err(|error| Problem::bad(error.render().to_string()))?;
    let name = matches.subcommand_name().unwrap_or_default();
    let (names, last) = below(&matches);
    if let Some(refused) = refused(&command, &names, last) {
        return Err(Problem::bad(refused));
    }
    let of = all(state.list).find(|commands| commands.has(name));
    let of = of.ok_or_else(|| Problem::bad("words: they name no command"))?;
    let job = of.read(&matches, state.list).map_err(|error| Problem::bad(error.to_string()))?;
    let action = format!("admin {}", names.join(" "));
    let act = crate::surface::conduct::act(&action, last, acting.reason());
    let (settings, store) = (state.app.settings.clone(), state.store().clone());
    let conduct =
        Conduct { actor: acting.actor.clone(), act, place: Some(Place { settings, store }) };
    let (output, ended) = output::captured(conduct.scope(job)).await;
    Ok(Ran { output, error: ended.err().map(|error| format!("{error:#}")) })
}

/// The names of the commands below, and the arguments of the last.
fn below(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let (mut names, mut last) = (Vec::new(), matches);
    while let Some((name, below)) = last.subcommand() {
        names.push(name);
        last = below;
    }
    (names, last)
}

/// Why an argument is not for this process.
fn refused(command: &Command, names: &[&str], matches: &ArgMatches) -> Option<String> {
    let mut of = command;
    for name in names {
        of = of.find_subcommand(name)?;
    }
    let given = |id: &str| {
        matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let foreign = |arg: &&clap::Arg| {
        let id = arg.get_id().as_str();
        let file = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
        given(id) && (file || id.ends_with("stdin") || ELSEWHERE.contains(&id))
    };
    let arg = of.get_arguments().find(foreign)?;
    let id = arg.get_id();
    Some(format!(
        "words: {id} names something of your own machine, which this service does not see: run the command where the \
         database is"
    ))
}
