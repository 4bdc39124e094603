//! What is in `deploy` and in the documents fits the program and the files that there are.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a directory.
fn files(below: &str) -> Vec<PathBuf> {
    let (mut found, mut left) = (Vec::new(), vec![root().join(below)]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { left.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn the_chart_and_the_image_are_of_this_version() {
    let chart = text("deploy/helm/wsa/Chart.yaml");
    assert!(
        chart.contains(&format!("\nappVersion: \"{}\"\n", env!("CARGO_PKG_VERSION"))),
        "{chart}"
    );
    let image = text("deploy/Containerfile");
    let rust = format!("FROM rust:{}-", env!("CARGO_PKG_RUST_VERSION"));
    assert!(image.contains(&rust), "{rust}: {image}");
}

#[test]
fn whatever_is_set_in_a_deployment_is_a_setting() {
    let defaults = text("config/default.toml");
    let mut settings = Vec::new();
    let mut section = String::new();
    for line in defaults.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.replace('.', "__");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            settings.push(format!("WSA__{section}__{key}").to_uppercase());
        }
    }
    let mut named = 0;
    for path in files("deploy") {
        let text = fs::read_to_string(&path).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("WSA__") && !word.ends_with('_')) {
            if word != "WSA__SECTION__KEY" {
                let there = settings.iter().any(|setting| setting == word);
                assert!(there, "{} sets {word}, which is no setting", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named} settings are named");
}

#[test]
fn each_unit_is_told_of_and_reloaded_as_the_program_does_it() {
    let mut roles = Vec::new();
    for path in files("deploy/systemd") {
        let unit = fs::read_to_string(&path).unwrap();
        let has = |line: &str| unit.lines().any(|there| there == line);
        for line in [
            "Type=notify",
            "WatchdogSec=60",
            "ExecReload=/bin/kill -HUP $MAINPID",
            "Environment=WSA_CONFIG=/etc/wsa/wsa.toml",
            "EnvironmentFile=-/etc/wsa/wsa.env",
            "User=wsa",
        ] {
            assert!(has(line), "{} has no {line}", path.display());
        }
        let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/wsa "));
        roles.push(start.unwrap().split(' ').next().unwrap().to_owned());
    }
    roles.sort();
    assert_eq!(roles, ["api", "up", "worker"]);
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn has_anchor(text: &str, wanted: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|there| there == wanted)
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let documents = files("docs").into_iter().chain(files("deploy"));
    let others = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    let documents = documents.chain(others.map(|name| root().join(name)));
    let mut followed = 0;
    // The list of the site's pages has a test of its own: two of them are put beside it.
    let is_page = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending == "md") && !path.ends_with("SUMMARY.md")
    };
    for path in documents.filter(is_page) {
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split("](").skip(1) {
            let link = rest.split(')').next().unwrap();
            if link.contains("://")
                || link.starts_with("mailto:")
                || link.contains(char::is_whitespace)
            {
                continue;
            }
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let there =
                if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(there.exists(), "{}: {link} leads nowhere", path.display());
            if !wanted.is_empty() {
                let found = has_anchor(&fs::read_to_string(&there).unwrap(), wanted);
                assert!(found, "{}: {link} names no heading", path.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 200, "{followed} links");
}
