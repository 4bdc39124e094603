//! The audit: do the rows of the store keep the promises? It reads one moment of everything, in the database,
//! and trusts no constraint: a constraint can be dropped, and a backup can be half of one.
//!
//! A [`Check`] is a rule with a stable name. Rules that are told from the same rows share a pass, so that each
//! large table is read few times. The engine's are here, those of a protocol in its own folder.

pub(crate) mod check;
mod mail;
mod report;
mod run;
mod tasks;
mod template;

use self::check::Pass;
pub use self::check::{Check, Example};
pub use self::report::{Checked, Report};
pub use self::run::Terms;
use crate::protocol::Protocols;

/// What must hold of the engine's own tables.
const ENGINE: Audit = Audit {
    passes: &[tasks::PASSES, mail::PASSES],
    tables: &[Table::of("tasks"), Table::of("deliveries")],
};

/// What must hold of some tables.
pub struct Audit {
    /// The rules.
    pub(crate) passes: &'static [&'static [Pass]],
    /// The tables whose rows are counted, so that an audit of nothing is seen to be one.
    pub(crate) tables: &'static [Table],
}

impl Protocols {
    /// The engine's and every protocol's, in the order in which they run.
    fn audits(&self) -> impl Iterator<Item = &'static Audit> {
        std::iter::once(&ENGINE).chain(self.all().map(|protocol| protocol.audit()))
    }

    fn passes(&self) -> impl Iterator<Item = &'static Pass> {
        self.audits().flat_map(|audit| audit.passes.iter().copied().flatten())
    }
}

/// A table of the store.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Its column that names the object.
    pub(crate) object: &'static str,
}

impl Table {
    /// One whose objects stand in `object_id`.
    pub(crate) const fn of(name: &'static str) -> Table {
        Table { name, object: "object_id" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page that people read.
    const DOCUMENT: &str = include_str!("../../docs/audit.md");

    #[test]
    fn every_rule_has_a_name_of_its_own_and_stands_in_the_document() {
        let checks = crate::protocols::ALL.passes().flat_map(|pass| pass.checks);
        let mut seen = std::collections::HashSet::new();
        for Check { name, rule } in checks {
            assert!(seen.insert(name), "{name} is there twice");
            assert!(DOCUMENT.contains(&format!("| `{name}` | {rule} |\n")), "{name}");
        }
    }
}
