//! The rules of the house, held against the source: who may name whom, and how large a file and a function may be.
//!
//! What breaks a rule today is listed beside it. The lists only shrink: an entry that is no longer needed fails too.

// In tests an `unwrap` is an assertion.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const PROTOCOLS: [&str; 4] = ["activeplatform", "billmanager", "ticketscloud", "whiteserver"];

/// What the names of their tables begin with.
const TABLES: [&str; 3] = ["ap_", "bm_", "tc_"];

/// Lines of a file without its tests.
const LONGEST_FILE: usize = 300;
/// Lines of a function, from its first to its last.
const LONGEST_FUNCTION: usize = 60;

/// The rooms, from low to high: a room uses those before it, never one behind it. The last ones are the program.
const ROOMS: [&str; 20] = [
    "domain",
    "runtime",
    "database",
    "queue",
    "config",
    "callback",
    "engine",
    "web",
    "terminal",
    "surface",
    "protocols",
    "ops",
    "console",
    "bench",
    "contracts",
    "http",
    "boot",
    "cli",
    "main",
    "simulation",
];

/// The rooms that know the list of protocols, or are not in a server's path.
const PROGRAM: &[&str] = &[
    "src/bench",
    "src/boot",
    "src/cli",
    "src/contracts",
    "src/http",
    "src/lib.rs",
    "src/main.rs",
    "src/protocols",
    "src/simulation",
];

/// Files of the engine that name a protocol.
const NAME_A_PROTOCOL: &[&str] = &[];

const LONG_FILES: &[&str] = &[];

const LONG_FUNCTIONS: &[&str] = &[
    "src/bench/load.rs run",
    "src/protocols/activeplatform/sql/load.rs load",
    "src/protocols/billmanager/decide/pricing.rs configured",
    "src/protocols/whiteserver/contract/asyncapi.rs document",
    "src/protocols/whiteserver/contract/callbacks.rs webhooks",
    "src/protocols/whiteserver/contract/examples.rs requests",
];

struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
}

impl Source {
    /// The lines before its tests.
    fn product(&self) -> Vec<&str> {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests") && pair[1].ends_with('{')
        });
        lines[..tests.unwrap_or(lines.len())].to_vec()
    }

    fn is_of(&self, room: &str) -> bool {
        let rest = self.path.strip_prefix(room);
        rest.is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
    }
}

fn sources() -> Vec<Source> {
    below("src")
}

/// The sources of this crate and of those beside it: what holds of every file, whatever its room.
fn all_sources() -> Vec<Source> {
    [below("src"), below("crates")].into_iter().flatten().collect()
}

fn below(directory: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = vec![root.join(directory)];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Compares what breaks a rule with what is known to.
fn assert_known(rule: &str, found: BTreeSet<String>, known: &[&str]) {
    let known: BTreeSet<String> = known.iter().map(|path| (*path).to_owned()).collect();
    let new: Vec<_> = found.difference(&known).collect();
    let mended: Vec<_> = known.difference(&found).collect();
    assert!(new.is_empty(), "{rule}: {new:#?}");
    assert!(mended.is_empty(), "{rule}: mended, take them off the list: {mended:#?}");
}

/// Whether a line of code names a protocol, as a path or as a type does, or a table of one.
fn names_a_protocol(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    let table = |word: &str| TABLES.iter().any(|prefix| word.starts_with(prefix));
    words.any(|word| PROTOCOLS.contains(&word) || table(word))
}

#[test]
fn no_protocol_imports_another() {
    let mut found = BTreeSet::new();
    for own in PROTOCOLS {
        let here: Vec<Source> = sources();
        let here = here.iter().filter(|source| source.is_of(&format!("src/protocols/{own}")));
        for source in here {
            let others = PROTOCOLS.iter().filter(|other| **other != own);
            for other in others {
                let path = format!("protocols::{other}");
                if source.text.lines().any(|line| line.contains(&path)) {
                    found.insert(source.path.clone());
                }
            }
        }
    }
    assert_known("a protocol imports another", found, &[]);
}

#[test]
fn the_engine_names_no_protocol() {
    let engine = sources();
    let program = |source: &Source| PROGRAM.iter().any(|room| source.is_of(room));
    // Tests of settings as a whole read them with the sections of all protocols.
    let tests = |source: &Source| source.path.ends_with("/tests.rs");
    let engine = engine.iter().filter(|source| !program(source) && !tests(source));
    let found = engine
        .filter(|source| {
            let product = source.product();
            let path = |line: &&str| line.contains("crate::protocols");
            product.iter().any(|line| path(line) || names_a_protocol(line))
        })
        .map(|source| source.path.clone());
    assert_known("the engine names a protocol", found.collect(), NAME_A_PROTOCOL);
}

/// The name that follows `crate::` wherever it stands in a line of code.
fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    let parts = code.split("crate::").skip(1);
    parts.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

#[test]
fn no_room_uses_one_above_it() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let kit = |path: &str| path.contains("/testkit") || path.ends_with("/tests.rs");
    let mut found = BTreeSet::new();
    for source in
        sources().iter().filter(|source| source.path != "src/lib.rs" && !kit(&source.path))
    {
        let room = source.path.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        let own = place(room).unwrap_or_else(|| panic!("{room} is not in ROOMS"));
        let product = source.product();
        for used in product.iter().flat_map(|line| rooms_named(line)) {
            let above = place(used).is_some_and(|used| used > own);
            // A list in braces would hide the rooms in it.
            if above || used.is_empty() {
                found.insert(format!("{} uses {used:?}", source.path));
            }
        }
    }
    assert_known("a room uses one above it", found, &[]);
}

/// What the modules of a room use of each other, when it is by `crate::room::` or `super::`.
fn uses_within(room: &str, all: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let folder = format!("src/{room}/");
    let own = |source: &Source| -> Option<String> {
        let rest = source.path.strip_prefix(&folder)?;
        Some(rest.split(['/', '.']).next()?.to_owned())
    };
    let modules: BTreeSet<String> = all.iter().filter_map(own).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in all {
        let Some(module) = own(source) else { continue };
        let direct = source.path == format!("{folder}{module}.rs");
        for line in source.product() {
            let code = line.split("//").next().unwrap_or_default();
            let by_crate = format!("crate::{room}::");
            let paths = code.split(&*by_crate).skip(1);
            let by_super = code.split("super::").skip(1).filter(|_| direct);
            for path in paths.chain(by_super) {
                let words =
                    path.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '{' && c != ',');
                let first = words.map(str::trim).next().unwrap_or_default().to_owned();
                if first != module && modules.contains(&first) {
                    uses.entry(module.clone()).or_default().insert(first);
                }
            }
        }
    }
    uses
}

#[test]
fn no_modules_of_a_room_go_in_circles() {
    let all = sources();
    for room in ROOMS.iter().filter(|room| !["protocols", "simulation", "main"].contains(room)) {
        let mut uses = uses_within(room, &all);
        // Those that use nothing that is left are taken away, until none is left or they go in circles.
        loop {
            let left: BTreeSet<String> = uses.keys().cloned().collect();
            let before = uses.len();
            uses.retain(|_, of| of.iter().any(|used| left.contains(used)));
            if uses.len() == before {
                break;
            }
        }
        assert!(uses.is_empty(), "modules of {room} go in circles: {uses:#?}");
    }
}

#[test]
fn files_are_small() {
    let all = all_sources();
    let long = all.iter().filter(|source| source.product().len() > LONGEST_FILE);
    let long = long.map(|source| source.path.clone());
    assert_known("a file is longer than 300 lines", long.collect(), LONG_FILES);
}

#[test]
fn functions_are_small() {
    let mut long = BTreeSet::new();
    for source in all_sources() {
        let lines = source.product();
        for (number, line) in lines.iter().enumerate() {
            let Some(name) = function(line) else { continue };
            let indent = line.len() - line.trim_start().len();
            let end = format!("{}}}", " ".repeat(indent));
            let length = lines[number..].iter().position(|line| *line == end);
            if length.is_some_and(|length| length >= LONGEST_FUNCTION) {
                long.insert(format!("{} {name}", source.path));
            }
        }
    }
    assert_known("a function is longer than 60 lines", long, LONG_FUNCTIONS);
}

/// Whoever integrates has the client alone: nothing of the service is in it.
#[test]
fn the_client_does_not_name_the_service() {
    let found = below("crates").into_iter().filter(|source| source.text.contains("wsa::"));
    assert_known("the client names the service", found.map(|source| source.path).collect(), &[]);
}

/// The name of the function that begins in this line.
fn function(line: &str) -> Option<&str> {
    let code = line.trim_start();
    // Without a body, or with a short one.
    if code.ends_with([';', '}']) {
        return None;
    }
    let is = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "async fn ", "const fn "]
        .iter()
        .any(|begin| code.starts_with(begin))
        || (code.starts_with("pub") && code.contains(" fn ") && !code.contains('='));
    let name = code.split("fn ").nth(1)?.split(['(', '<']).next()?;
    is.then_some(name)
}

/// The simulation enters as PostgreSQL and RabbitMQ do, by implementing their traits: no product type has an arm for it.
#[test]
fn no_product_type_has_an_arm_for_tests() {
    let all = sources();
    let found = all.iter().filter(|source| {
        let lines = source.product();
        let arm = |pair: &[&str]| {
            let (attribute, next) = (pair[0], pair[1].trim_start());
            attribute.trim_start() == "#[cfg(test)]"
                && attribute.starts_with(' ')
                && (next.contains("=>") || next.ends_with("),"))
        };
        lines.windows(2).any(arm)
    });
    assert_known("an arm for tests", found.map(|source| source.path.clone()).collect(), &[]);
}

/// What the simulation is made of names the product, and never the other way round.
#[test]
fn no_product_names_the_simulation() {
    let kits: Vec<_> = PROTOCOLS.iter().map(|own| format!("src/protocols/{own}/testkit")).collect();
    let all = sources();
    let product = all.iter().filter(|source| {
        !source.is_of("src/simulation") && kits.iter().all(|kit| !source.is_of(kit))
    });
    let found = product.filter(|source| {
        let named = |line: &&str| line.contains("crate::simulation");
        source.product().iter().any(named)
    });
    let found = found.map(|source| source.path.clone());
    assert_known("product code names the simulation", found.collect(), &[]);
}

/// A channel with consumers ends by a way of its own (see its file), so nothing else subscribes.
#[test]
fn one_type_subscribes_to_the_broker() {
    let all = all_sources();
    let found = all.iter().filter(|source| source.text.contains("basic_consume"));
    let found = found.map(|source| source.path.clone()).collect();
    assert_known("subscribes to RabbitMQ", found, &["src/queue/amqp/consuming.rs"]);
}
