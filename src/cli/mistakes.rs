//! Arguments that no command takes: what is wrong, and a command line that works.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command, Error};

use super::{command_line, examples};
use crate::runtime::telemetry;

/// How a process ends whose arguments are wrong.
const USAGE: u8 = 2;

/// What may come behind these is not said again: it may be a secret.
const SECRETS: &[&str] = &["token", "password", "secret", "url", "key"];

/// Parses the arguments; an error has been told, with a command line that works.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<ArgMatches, ExitCode> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let error = match command_line().try_get_matches_from(&arguments) {
        Ok(matches) => return Ok(matches),
        Err(error) => error,
    };
    // Nobody may be there to read it.
    let _ = error.print();
    if !error.use_stderr() {
        return Err(ExitCode::SUCCESS);
    }
    let arguments: Vec<String> =
        arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(works) = what_works(&error, &arguments) {
        telemetry::last_words(format!("For example: {works}"));
    }
    Err(ExitCode::from(USAGE))
}

/// A command line that works, as near as possible to what was typed. `None` where the error is the help itself.
fn what_works(error: &Error, typed: &[String]) -> Option<String> {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return None;
    }
    let meant = meant(error, typed);
    let guessed = meant.as_deref().unwrap_or(typed);
    let taken = |words: &Vec<String>| command_line().try_get_matches_from(words).is_ok();
    match meant.as_ref().filter(|words| taken(words) && !has_secrets(words)) {
        Some(words) => {
            let words = words.iter().skip(1).map(|word| quoted(word));
            Some(format!("wsa {}", words.collect::<Vec<_>>().join(" ")))
        }
        None => Some(example(guessed)),
    }
}

/// What was typed, with the word that is known in place of the one that is not.
fn meant(error: &Error, typed: &[String]) -> Option<Vec<String>> {
    let (wrong, like) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand)
        }
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::InvalidValue => (ContextKind::InvalidValue, ContextKind::SuggestedValue),
        _ => return None,
    };
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    };
    let (wrong, like) = (text(wrong)?, text(like)?);
    let mut words = typed.to_vec();
    let place = words.iter().position(|word| *word == wrong)?;
    words[place] = like;
    Some(words)
}

fn has_secrets(words: &[String]) -> bool {
    let is_secret = |word: &String| SECRETS.iter().any(|secret| word.contains(secret));
    words.iter().filter(|word| word.starts_with('-')).any(is_secret)
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The example of the command that the words lead to; of one with commands below it, its help.
fn example(words: &[String]) -> String {
    let (mut command, mut path): (Command, Vec<String>) = (command_line(), Vec::new());
    for word in words.iter().skip(1) {
        if let Some(below) = command.find_subcommand(word).cloned() {
            path.push(below.get_name().to_owned());
            command = below;
        }
    }
    let path = path.join(" ");
    let help = || format!("wsa {path} --help").replace("  ", " ");
    examples::of(&path).unwrap_or_else(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn works(line: &str) -> Option<String> {
        let typed: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let error = command_line().try_get_matches_from(&typed).unwrap_err();
        what_works(&error, &typed)
    }

    #[test]
    fn a_mistake_is_told_with_a_command_that_works() {
        for (typed, right) in [
            ("wsa taks list", "wsa task list"),
            ("wsa task lst --json", "wsa task list --json"),
            ("wsa up --listn 127.0.0.1:1", "wsa up --listen 127.0.0.1:1"),
            ("wsa task get", "wsa task get --token demo 01a201f0-bfcf-74b6-b2fe-92320bfb07ed"),
            (
                "wsa admin object add --id abc",
                "wsa admin object add --id 7 --name 'Corner cafe' --agent-version v2",
            ),
            ("wsa orders load orders.json", "wsa orders load --object 7 --count 100"),
            // What is typed behind such a flag is nobody else's business.
            (
                "wsa task wait --tokn SECRET GUID",
                "wsa task wait --token demo 01a201f0-bfcf-74b6-b2fe-92320bfb07ed",
            ),
            ("wsa admin aggregator ad --name kiosk", "wsa admin aggregator add --name kiosk"),
            ("wsa nothing-like-it", "wsa --help"),
            ("wsa admin nothing-like-it", "wsa admin --help"),
        ] {
            assert_eq!(works(typed).as_deref(), Some(right), "{typed}");
        }
    }

    /// Each command, with a flag that it does not have, and without what it must have.
    #[test]
    fn every_mistake_has_one() {
        let mut paths = Vec::new();
        leaves(&command_line(), "wsa", &mut paths);
        assert!(paths.len() > 100, "{}", paths.len());
        for path in paths {
            for typed in [format!("{path} --nothing-like-it"), format!("{path} a b c d e")] {
                let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
                let Err(error) = command_line().try_get_matches_from(&words) else { continue };
                let works = what_works(&error, &words).expect(&typed);
                assert!(works.starts_with(&path), "{typed}: {works}");
            }
        }
    }

    fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
        let mut below = command.get_subcommands().filter(|of| of.get_name() != "help").peekable();
        if below.peek().is_none() {
            found.push(path.to_owned());
        }
        below.for_each(|of| leaves(of, &format!("{path} {}", of.get_name()), found));
    }
}
