//! The audit: do the rows of the store keep the promises? It reads one moment of everything, in the database,
//! and trusts no constraint: a constraint can be dropped, and a backup can be half of one.
//!
//! A [`Check`] is a rule with a stable name. Rules that are told from the same rows share a [`Pass`], so that each
//! large table is read few times. Each dialect has a file of passes: [`PASSES`] lists them.

mod activeplatform;
mod asked;
mod check;
mod mail;
mod orders;
mod payments;
mod report;
mod run;
mod tasks;
mod template;

use self::check::Pass;
pub use self::check::{Check, Example};
pub use self::report::{Checked, Report};
pub use self::run::Terms;

/// Every pass, in the order in which they run.
const PASSES: &[&[Pass]] = &[
    orders::PASSES,
    payments::PASSES,
    tasks::PASSES,
    asked::PASSES,
    mail::PASSES,
    activeplatform::PASSES,
];

/// The tables whose rows are counted, so that an audit of nothing is seen to be one.
const TABLES: &[Table] = &[
    Table { name: "orders", object: "object_id" },
    Table { name: "payments", object: "object_id" },
    Table { name: "tasks", object: "object_id" },
    Table { name: "deliveries", object: "object_id" },
    Table { name: "ap_payments", object: "reseller_id" },
    Table { name: "ap_entries", object: "reseller_id" },
];

/// A table of the store.
struct Table {
    name: &'static str,
    /// Its column that names the object.
    object: &'static str,
}
