//! The audit: do the rows of the store keep the promises? It reads one moment of everything, in the database,
//! and trusts no constraint: a constraint can be dropped, and a backup can be half of one.
//!
//! A [`Check`](crate::engine::protocol::audit::Check) is a rule with a stable name. Rules that are told from the same rows share a pass, so that each
//! large table is read few times. The engine's are here, those of a protocol in its own folder.

mod mail;
mod operators;
mod report;
mod run;
mod tasks;
pub(crate) mod template;
mod told;

pub use self::report::{Checked, Report};
pub use self::run::Terms;
pub use self::told::Told;
use crate::engine::protocol::Protocols;
use crate::engine::protocol::audit::{Audit, Pass, Table};

/// What must hold of the engine's own tables.
const ENGINE: Audit = Audit {
    passes: &[tasks::PASSES, operators::PASSES, mail::PASSES],
    tables: &[Table::of("tasks"), Table::of("deliveries")],
};

impl Protocols {
    /// The engine's and every protocol's, in the order in which they run.
    fn audits(&self) -> impl Iterator<Item = &'static Audit> {
        std::iter::once(&ENGINE).chain(self.all().map(|protocol| protocol.audit()))
    }

    fn passes(&self) -> impl Iterator<Item = &'static Pass> {
        self.audits().flat_map(|audit| audit.passes.iter().copied().flatten())
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::protocol::audit::Check;

    /// The page that people read.
    const DOCUMENT: &str = include_str!("../../../docs/audit.md");

    #[test]
    fn every_rule_has_a_name_of_its_own_and_stands_in_the_document() {
        let checks = crate::protocols::ALL.protocols().passes().flat_map(|pass| pass.checks);
        let mut seen = std::collections::HashSet::new();
        for Check { name, rule } in checks {
            assert!(seen.insert(name), "{name} is there twice");
            assert!(DOCUMENT.contains(&format!("| `{name}` | {rule} |\n")), "{name}");
        }
    }
}
