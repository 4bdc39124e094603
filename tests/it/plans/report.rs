//! What is said of a statement that reads too much.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bounds;
use super::states::Run;

/// Of each statement and state the worst run that is over its bound.
pub fn too_much(runs: &[Run], rows: u64) -> Vec<&Run> {
    let mut found: Vec<&Run> = Vec::new();
    for run in runs.iter().filter(|run| bounds::is_over(run, rows)) {
        let same =
            |other: &&&mut &Run| other.statement == run.statement && other.state == run.state;
        match found.iter_mut().find(|other| same(&other)) {
            Some(other) if other.figures.rows < run.figures.rows => *other = run,
            Some(_) => {}
            None => found.push(run),
        }
    }
    found
}

/// Statements that were refused whatever they were asked for, or that never found anything: they prove nothing.
pub fn in_vain(runs: &[Run]) -> BTreeSet<&str> {
    let names = |runs: &mut dyn Iterator<Item = &'_ Run>| -> BTreeSet<String> {
        runs.map(|run| run.statement.clone()).collect()
    };
    let found =
        names(&mut runs.iter().filter(|run| run.refused.is_none() && run.figures.results > 0));
    runs.iter().map(|run| &*run.statement).filter(|name| !found.contains(*name)).collect()
}

/// One line.
pub fn line(run: &Run, rows: u64) -> String {
    let (most_rows, most_pages) = bounds::of(run, rows);
    let figures = &run.figures;
    let read = match figures.rows {
        u64::MAX => "did not end in time".to_owned(),
        read => format!(
            "read {read} rows ({most_rows} allowed) of {} pages ({most_pages})",
            figures.pages
        ),
    };
    format!(
        "{} [{}]: {read}, for a batch of {}, limits of {} and {} results, asked for what is {:?}",
        run.statement, run.state, run.batch, run.limits, figures.results, run.asked
    )
}

/// A plan, a node a line.
pub fn plan(node: &Value, depth: usize, text: &mut String) {
    let word = |name: &str| node[name].as_str().map(|word| format!(" {word}")).unwrap_or_default();
    let removed = node["Rows Removed by Filter"].as_u64().unwrap_or_default();
    let indent = " ".repeat(4 + 2 * depth);
    let (kind, rows, loops) = (&node["Node Type"], &node["Actual Rows"], &node["Actual Loops"]);
    let of = word("Relation Name") + &word("Index Name") + &word("CTE Name") + &word("Index Cond");
    let kind = kind.as_str().unwrap_or_default();
    text.push_str(&format!("{indent}{kind}{of}: {rows} rows x {loops}, without {removed}\n"));
    for child in node["Plans"].as_array().into_iter().flatten() {
        plan(child, depth + 1, text);
    }
}
