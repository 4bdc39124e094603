//! The metrics by their names: what the program counts is what the board, the alerts and the documents name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wsa::callback::outcome::DeliveryOutcome;
use wsa::domain::task::Outcome;
use wsa::runtime::metrics::{Metrics, Stage};

/// Every process reads these from the same store and queue, so a sum over processes counts them again and again.
const STORE_WIDE: [&str; 4] =
    ["wsa_tasks_open", "wsa_tasks_scheduled", "wsa_oldest_open_task_seconds", "wsa_queue_depth"];

/// Words of documents that look like metrics: functions of the database and a crate.
const NO_METRICS: [&str; 5] = ["wsa_after", "wsa_client", "wsa_fuzz", "wsa_migrations", "wsa_now"];

const BOARD: &str = "deploy/grafana/boards/wsa.json";
const RULES: &str = "deploy/prometheus/wsa.rules.yml";
const RULE_TESTS: &str = "deploy/prometheus/wsa.rules.test.yml";
const RUNBOOK: &str = "docs/runbook.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a directory with one of these endings, with its text.
fn files(below: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let (mut found, mut left) = (Vec::new(), vec![root().join(below)]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if path.is_dir() {
                left.push(path);
            } else if endings.contains(&ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// What a process exposes when each of its counters has counted something.
fn exposed() -> String {
    let metrics = Metrics::new();
    metrics.ready("store", true);
    metrics.upstream("accepted");
    metrics.post("results", "sent");
    metrics.background_failure("sweeper");
    metrics.batch(Stage::Settle, 1, Duration::ZERO);
    metrics.record_limited("rate");
    metrics.record_answer(Outcome::Done, None);
    metrics.callback_attempt(DeliveryOutcome::Delivered.as_str());
    metrics.request("PayOrder", "ok", Duration::ZERO);
    metrics.text()
}

/// A metric: the name that documents give it, and the names of its samples.
struct Metric {
    name: String,
    samples: Vec<String>,
}

fn metrics() -> Vec<Metric> {
    let text = exposed();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let metric = |(family, kind): (&str, &str)| match kind {
        "counter" => one(format!("{family}_total")),
        "info" => one(format!("{family}_info")),
        "gauge" => one(family.to_owned()),
        "histogram" => Metric {
            name: family.to_owned(),
            samples: ["bucket", "count", "sum"].map(|end| format!("{family}_{end}")).to_vec(),
        },
        other => panic!("{family} is a {other}"),
    };
    types.map(metric).collect()
}

fn one(name: String) -> Metric {
    Metric { samples: vec![name.clone()], name }
}

/// The words of a text that are names of metrics of this program.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let like = |word: &&str| word.starts_with("wsa_") || word.starts_with("process_");
    words.filter(like).filter(|word| !word.ends_with('_') && !NO_METRICS.contains(word)).collect()
}

#[test]
fn every_metric_that_is_registered_is_looked_at_here() {
    let known: BTreeSet<String> = metrics().into_iter().map(|metric| metric.name).collect();
    let mut registered = 0;
    for (path, text) in files("src", &["rs"]) {
        let text: String = text.split_whitespace().collect();
        for way in [".register(\"", ".register_with_unit(\""] {
            for rest in text.split(way).skip(1) {
                let name = rest.split('"').next().unwrap();
                let there = known.iter().any(|known| known.starts_with(&format!("wsa_{name}")));
                assert!(
                    there,
                    "{} registers {name}, which `exposed` does not count",
                    path.display()
                );
                registered += 1;
            }
        }
    }
    assert!(registered > 20, "{registered} metrics are registered");
}

#[test]
fn the_board_shows_every_metric_and_no_other() {
    let board = text(BOARD);
    let board: serde_json::Value = serde_json::from_str(&board).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let shown: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    let shown = shown.join("\n");
    let shown = named(&shown);
    let metrics = metrics();
    for Metric { name, samples } in &metrics {
        assert!(samples.iter().any(|sample| shown.contains(&**sample)), "{BOARD} shows no {name}");
    }
    let there = |word: &str| metrics.iter().any(|m| m.samples.iter().any(|sample| sample == word));
    shown.iter().for_each(|word| assert!(there(word), "{BOARD} shows {word}, which is no metric"));
}

#[test]
fn what_is_deployed_names_only_metrics_that_there_are() {
    let metrics = metrics();
    let there = |word: &str| metrics.iter().any(|m| m.samples.iter().any(|sample| sample == word));
    for (path, text) in files("deploy", &["json", "yaml", "yml", "tpl"]) {
        for word in named(&text) {
            assert!(there(word), "{} names {word}, which is no metric", path.display());
        }
    }
}

#[test]
fn the_documents_describe_every_metric_and_no_other() {
    let metrics = metrics();
    let table = text("docs/operations.md");
    let table: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let table = table.join("\n");
    let described = named(&table);
    for Metric { name, .. } in &metrics {
        assert!(described.contains(&**name), "docs/operations.md does not describe {name}");
    }
    let there = |word: &str| {
        let is = |metric: &Metric| metric.name == word || metric.samples.iter().any(|s| s == word);
        metrics.iter().any(is)
    };
    let mut documents = files("docs", &["md"]);
    documents.extend(files("deploy", &["md"]));
    documents.extend(["README.md", "CONTRIBUTING.md"].map(|path| (path.into(), text(path))));
    for (path, text) in documents {
        // As Rust writes the name of the client crate.
        for word in named(&text) {
            assert!(there(word), "{} names {word}, which is no metric", path.display());
        }
    }
}

#[test]
fn nothing_adds_up_what_every_process_reports_of_the_same_store() {
    let mut seen = 0;
    for (path, text) in files("deploy", &["json", "yaml", "yml", "tpl"]) {
        if path.ends_with(RULE_TESTS) {
            continue;
        }
        for name in STORE_WIDE {
            let mut before = String::new();
            for part in text.split(name) {
                if !before.is_empty() {
                    let largest =
                        ["max(", "max by (namespace) ("].iter().any(|m| before.ends_with(m));
                    assert!(largest, "{}: {name} is not inside of max(...)", path.display());
                    seen += 1;
                }
                before = part.to_owned();
            }
        }
    }
    assert!(seen > 6, "{seen} uses");
}

#[test]
fn every_alert_has_a_test_and_a_section_of_the_runbook_and_every_section_an_alert() {
    let (rules, tests, runbook) = (text(RULES), text(RULE_TESTS), text(RUNBOOK));
    let alerts: Vec<&str> = lines_after(&rules, "- alert: ");
    assert!(alerts.len() > 15, "{alerts:?}");
    let sections = lines_after(&runbook, "### ");
    assert_eq!(
        alerts, sections,
        "the alerts of {RULES} and the sections of {RUNBOOK}, in their order"
    );
    let anchors = lines_after(&rules, "runbook: ");
    for (alert, anchor) in alerts.iter().zip(&anchors) {
        assert_eq!(*anchor, format!("{RUNBOOK}#{}", alert.to_lowercase()));
        let fires = tests.contains(&format!("alertname: {alert}\n        exp_alerts:"));
        let healthy = tests.contains(&format!("alertname: {alert}}}"));
        assert!(
            fires && healthy,
            "{RULE_TESTS} does not say when {alert} fires and when it does not"
        );
    }
    assert_eq!(alerts.len(), anchors.len());
}

/// What follows this at the beginning of lines, without the white space before.
fn lines_after<'a>(text: &'a str, begin: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim_start().strip_prefix(begin)).collect()
}
