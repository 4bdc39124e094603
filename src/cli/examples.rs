//! An example of each command, as its help shows it.

use clap::Command;

const GUID: &str = "01a201f0-bfcf-74b6-b2fe-92320bfb07ed";
const CURRENCY: &str = "00000000-0000-4000-8000-00000000ca54";

/// The commands and what follows them; `GUID` and `CURRENCY` stand for some.
const EXAMPLES: &[(&str, &str)] = &[
    ("up", "--demo"),
    ("api", "--listen 0.0.0.0:8080 --config /etc/wsa/wsa.toml"),
    ("worker", "--listen 127.0.0.1:9101 --config /etc/wsa/wsa.toml"),
    ("migrate", "--database-url postgres://wsa:password@db:5432/wsa"),
    ("backup", "--data-dir /var/lib/wsa --to /backup/wsa-2026-11-30.sqlite3"),
    ("admin object add", "--id 7 --name 'Corner cafe' --agent-version v2"),
    ("admin object set", "--id 7 --timeout-s 60"),
    ("admin object list", "--json"),
    ("admin catalogue load", "--object 7 menu.json"),
    ("admin catalogue show", "--object 7"),
    ("admin catalogue diff", "--object 7 menu.json"),
    ("admin currency add", "--object 7 --name Cash --kind cash"),
    ("admin currency list", "--json"),
    ("admin till token", "--object 7"),
    ("admin till remove", "--object 7"),
    ("admin till list", "--json"),
    ("admin aggregator add", "--name kiosk --object 7"),
    ("admin aggregator set", "--name kiosk --requests-per-s 100"),
    ("admin aggregator list", "--json"),
    ("admin aggregator allow", "--name kiosk --object 7"),
    ("admin aggregator deny", "--name kiosk --object 7"),
    ("admin aggregator callback add", "--name kiosk --url https://kiosk.example.com/answers"),
    ("admin aggregator callback list", "--json"),
    ("admin aggregator callback remove", "--id 3"),
    ("admin aggregator callback off", "--id 3"),
    ("admin aggregator callback on", "--id 3"),
    ("admin aggregator callback set", "--id 3 --signature hex"),
    ("admin aggregator callback rotate-secret", "--id 3"),
    ("admin aggregator callback log", "--id 3"),
    ("admin aggregator callback replay", "--id 3 --undelivered --since 2026-11-22T12:00:00Z"),
    ("admin aggregator callback test", "--id 3"),
    ("admin aggregator amqp enable", "--name kiosk"),
    ("admin aggregator amqp show", "--name kiosk"),
    ("admin aggregator amqp disable", "--name kiosk"),
    ("admin token rotate", "--name kiosk"),
    ("admin activeplatform reseller add", "--id 5 --name North"),
    ("admin activeplatform reseller list", "--json"),
    ("admin activeplatform manager add", "--id 9 --reseller 5 --name bridge --role accountant"),
    ("admin activeplatform manager list", "--json"),
    ("admin activeplatform method add", "--reseller 5 --id 2 --name Bank"),
    ("admin activeplatform method list", "--json"),
    ("admin activeplatform account add", "--reseller 5 --id 11 --name Client --currency USD"),
    ("admin activeplatform account list", "--json"),
    (
        "admin activeplatform payment add",
        "--reseller 5 --id 100 --account 11 --document INV-7 --total 12.50",
    ),
    ("admin activeplatform payment list", "--json"),
    ("admin ticketscloud partner add", "--name Seller"),
    ("admin ticketscloud partner list", "--json"),
    ("admin ticketscloud key add", "--partner 5a1b3c5d7e9f00112233aabb --name shop"),
    ("admin ticketscloud key remove", "--name shop"),
    ("admin ticketscloud key list", "--json"),
    ("admin ticketscloud system add", "--code cloud"),
    ("admin ticketscloud system list", "--json"),
    ("admin ticketscloud event add", "--org 5a1b3c5d7e9f00112233aabb --name Concert"),
    ("admin ticketscloud event load", "event.json"),
    ("admin ticketscloud event set", "--id 5a1b3c5d7e9f00112233aabb --on-sale on"),
    ("admin ticketscloud event list", "--json"),
    (
        "admin ticketscloud deal add",
        "--event 5a1b3c5d7e9f00112233aabb --partner 5a1b3c5d7e9f00112233aabc",
    ),
    ("admin ticketscloud deal remove", "--id 5a1b3c5d7e9f00112233aabb"),
    ("admin ticketscloud deal list", "--json"),
    ("admin ticketscloud set add", "--event 5a1b3c5d7e9f00112233aabb --name Stalls"),
    ("admin ticketscloud set list", "--json"),
    (
        "admin ticketscloud rule add",
        "--event 5a1b3c5d7e9f00112233aabb --set 5a1b3c5d7e9f00112233aabc --price 1500",
    ),
    ("admin ticketscloud rule list", "--json"),
    (
        "admin ticketscloud ticket add",
        "--event 5a1b3c5d7e9f00112233aabb --set 5a1b3c5d7e9f00112233aabc --count 10",
    ),
    (
        "admin ticketscloud ticket remove",
        "--event 5a1b3c5d7e9f00112233aabb --id 5a1b3c5d7e9f00112233aabc",
    ),
    (
        "admin ticketscloud ticket list",
        "--event 5a1b3c5d7e9f00112233aabb --set 5a1b3c5d7e9f00112233aabc",
    ),
    (
        "admin ticketscloud promocode add",
        "--event 5a1b3c5d7e9f00112233aabb --code SPRING --percent 10",
    ),
    ("admin ticketscloud promocode remove", "--event 5a1b3c5d7e9f00112233aabb --code SPRING"),
    ("admin ticketscloud promocode list", "--json"),
    ("admin billmanager catalogue load", "catalogue.json"),
    ("admin billmanager catalogue show", "--json"),
    ("admin billmanager catalogue remove-promocode", "--provider 1 --code SPRING"),
    ("admin billmanager user add", "--login anna --level client"),
    ("admin billmanager user list", "--json"),
    ("admin billmanager user password", "--login anna"),
    ("admin billmanager user set", "--login anna --active off"),
    ("admin billmanager account add", "--login anna --provider 1 --currency RUB"),
    ("admin billmanager account list", "--json"),
    (
        "admin billmanager account deposit",
        "--login anna --provider 1 --amount 500 --note 'bank transfer 17'",
    ),
    ("admin billmanager profile add", "--login anna --provider 1 --kind person --name 'Anna S.'"),
    ("admin billmanager profile list", "--json"),
    ("admin operator add", "--name anna --role operator"),
    ("admin operator list", "--json"),
    ("admin operator set", "--name anna --role finance"),
    ("admin operator rotate", "--name anna"),
    ("admin operator disable", "--name anna"),
    ("admin operator enable", "--name anna"),
    ("admin operator login-link", "anna"),
    ("orders load", "--object 7 --count 100"),
    ("order show", "GUID"),
    ("pay", "--token demo --object 199990246 --order GUID --amount 518.85 --currency CURRENCY"),
    ("task get", "--token demo GUID"),
    ("task wait", "--token demo GUID"),
    ("task list", "--json"),
    ("task show", "GUID"),
    ("demo", "--url http://127.0.0.1:8080"),
    ("listen", "--token demo --forward-to http://127.0.0.1:3000/answers"),
    ("audit", "--json"),
    ("dead list", "--json"),
    ("dead show", "17"),
    ("dead replay", "17"),
    ("bench", "--rate 150 --seconds 20"),
    ("health", "--url http://127.0.0.1:9101"),
    ("contracts", "--out contracts"),
    ("config show", "--changed --origin"),
    ("config check", "--config /etc/wsa/wsa.toml"),
    ("version", "--json"),
    ("completions", "bash > /etc/bash_completion.d/wsa"),
    ("man", "--out /usr/local/share/man/man1"),
];

/// The same commands, each with an example in its help.
pub(super) fn with_examples(command: Command) -> Command {
    below(command, "")
}

fn below(mut command: Command, path: &str) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in &names {
        let path = format!("{path}{}{name}", if path.is_empty() { "" } else { " " });
        command = command.mut_subcommand(name, |of| below(of, &path));
    }
    match of(path).filter(|_| names.is_empty()) {
        Some(example) => {
            let told = command.get_after_help().map(|told| format!("{told}\n\n"));
            let told = told.unwrap_or_default();
            command.after_help(format!("{told}Example:\n  {example}"))
        }
        None => command,
    }
}

/// The example of a command, as it is typed.
pub(super) fn of(path: &str) -> Option<String> {
    let (command, rest) = EXAMPLES.iter().find(|(command, _)| *command == path)?;
    let rest = rest.replace("GUID", GUID).replace("CURRENCY", CURRENCY);
    Some(format!("wsa {command} {rest}"))
}

#[cfg(test)]
mod tests {
    use super::super::command_line;
    use super::*;

    /// The commands below which there are none.
    fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
        let mut below = command.get_subcommands().filter(|of| of.get_name() != "help").peekable();
        if below.peek().is_none() {
            found.push(path.trim().to_owned());
        }
        below.for_each(|of| leaves(of, &format!("{path} {}", of.get_name()), found));
    }

    /// As a shell takes it apart; what it does with the output is the shell's.
    fn words(line: &str) -> Vec<String> {
        let line = line.split(" > ").next().unwrap();
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().unwrap().push(c),
            }
        }
        words
    }

    #[test]
    fn every_command_has_an_example_that_it_takes() {
        let mut all = Vec::new();
        leaves(&command_line(), "", &mut all);
        assert!(all.len() > 100, "{}", all.len());
        let mut wrong: Vec<String> = Vec::new();
        for path in &all {
            let Some(example) = of(path) else {
                wrong.push(format!("{path} has no example"));
                continue;
            };
            if let Err(error) = command_line().try_get_matches_from(words(&example)) {
                wrong.push(format!("{example}: {error}"));
            }
        }
        let known = |(command, _): &&(&str, &str)| !all.iter().any(|path| path == command);
        wrong.extend(EXAMPLES.iter().filter(known).map(|(command, _)| format!("no {command}")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
