//! What a plan reads, as `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` tells.

use serde_json::Value;

/// What running a statement once came to.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Figures {
    /// Rows that were read from tables and indexes, those that no condition let through as well.
    pub rows: u64,
    /// Pages.
    pub pages: u64,
    /// Rows that came out, or were written.
    pub results: u64,
}

fn number(node: &Value, name: &str) -> f64 {
    node[name].as_f64().unwrap_or_default()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node["Plans"].as_array().into_iter().flatten()
}

/// Rows out of a node, each time that it ran.
fn rows(node: &Value) -> f64 {
    number(node, "Actual Rows") * number(node, "Actual Loops")
}

fn read(node: &Value) -> f64 {
    let own = if node["Relation Name"].is_string() && node["Node Type"] != "ModifyTable"
        || node["Node Type"] == "Bitmap Index Scan"
    {
        let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let removed: f64 = removed.iter().map(|name| number(node, name)).sum();
        rows(node) + removed * number(node, "Actual Loops")
    } else {
        0.0
    };
    own + children(node).map(read).sum::<f64>()
}

/// Rows out of the plan: what is written, when that is more than what is returned.
fn results(node: &Value) -> f64 {
    let below = |node: &Value| children(node).map(rows).fold(0.0, f64::max);
    match node["Node Type"].as_str() {
        Some("ModifyTable") => below(node).max(rows(node)),
        _ => rows(node),
    }
}

impl Figures {
    /// From the root of a plan.
    pub fn of(plan: &Value) -> Figures {
        let pages = ["Shared Hit Blocks", "Shared Read Blocks"];
        let pages: f64 = pages.iter().map(|name| number(plan, name)).sum();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = |figure: f64| figure.round() as u64;
        Figures { rows: whole(read(plan)), pages: whole(pages), results: whole(results(plan)) }
    }
}
