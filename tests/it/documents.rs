//! What the documents say of the tests.

mod site;

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below a directory.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_limit_names_tests_that_there_are_or_says_that_there_is_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    ["src", "tests"].into_iter().for_each(|below| sources(&root.join(below), &mut files));
    let code: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let text = fs::read_to_string(root.join("docs/limits.md")).unwrap();
    let (_, tables) = text.split_once("## Every limit").unwrap();
    let rows = tables.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
    let mut named = 0;
    for row in rows {
        let last = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap().trim();
        if ["test", "not tested"].contains(&last) {
            continue;
        }
        for test in last.split(", ") {
            let test = test.trim_matches('`');
            let there = code.contains(&format!("fn {test}("));
            assert!(there, "no test is called {test}: {row}");
            named += 1;
        }
    }
    assert!(named > 20, "{named} tests are named");
}
