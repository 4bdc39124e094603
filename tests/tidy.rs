//! The rules of the house, held against the source: who may name whom, and how large a file and a function may be.
//!
//! What breaks a rule today is listed beside it. The lists only shrink: an entry that is no longer needed fails too.

// In tests an `unwrap` is an assertion.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PROTOCOLS: [&str; 4] = ["activeplatform", "billmanager", "ticketscloud", "whiteserver"];

/// What the names of their tables begin with.
const TABLES: [&str; 3] = ["ap_", "bm_", "tc_"];

/// Lines of a file without its tests.
const LONGEST_FILE: usize = 300;
/// Lines of a function, from its first to its last.
const LONGEST_FUNCTION: usize = 60;

/// The program, which puts the parts together, and what is not in a server's path.
const PROGRAM: &[&str] = &[
    "src/bench",
    "src/boot.rs",
    "src/cli",
    "src/config",
    "src/contracts",
    "src/http",
    "src/lib.rs",
    "src/protocols",
    "src/simulation",
    "src/surface.rs",
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
    "src/worker/settling.rs settle",
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = vec![root.join("src")];
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
    let engine = engine.iter().filter(|source| !PROGRAM.iter().any(|room| source.is_of(room)));
    let found = engine
        .filter(|source| {
            let product = source.product();
            let path =
                |line: &&str| line.contains("protocols::") || line.contains("crate::protocols;");
            product.iter().any(|line| path(line) || names_a_protocol(line))
        })
        .map(|source| source.path.clone());
    assert_known("the engine names a protocol", found.collect(), NAME_A_PROTOCOL);
}

#[test]
fn files_are_small() {
    let all = sources();
    let long = all.iter().filter(|source| source.product().len() > LONGEST_FILE);
    let long = long.map(|source| source.path.clone());
    assert_known("a file is longer than 300 lines", long.collect(), LONG_FILES);
}

#[test]
fn functions_are_small() {
    let mut long = BTreeSet::new();
    for source in sources() {
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
