//! How much a statement may read.

use super::asked::Asked;
use super::expressions::GROUPS;
use super::statements::Named;
use super::states::Run;

/// Rows for each row of the batch, of the result, and of what it is told to read at most.
const ROWS: u64 = 8;
/// Pages for each: a look-up goes down an index, and a row that is written is written in all indexes.
const PAGES: u64 = 30;

/// Pages that a batch of one row may read beside that: what a statement reads once is shared by nobody there. An entry of the
/// journal reads some 73 pages once, and four for each row.
const ONCE: u64 = 90;

/// Pages for each in which a plan that is made for this batch may read whatever it likes: a planner that sees a small
/// table reads it from end to end, rightly, where that is no more than to look its rows up one by one.
const SMALL: u64 = 12;

/// What a statement may read beside that.
#[derive(Debug, Clone, Copy)]
enum Whole {
    /// All that one object, reseller or client has, so many times.
    OfOne(u64),
    /// A table, so many times.
    Tables(u64),
}

use Whole::{OfOne, Tables};

/// When it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Asked with a filter that lets nothing through: where it lets much through, the reading ends early.
    Filtered,
}

use When::{Always, Filtered};

/// Statements that read more, and why that is right. A name stands for all statements that begin with it, or for those
/// places of a list.
const ALLOWED: &[(&str, When, Whole, &str)] = &[
    (
        "engine/store/callbacks/log.rs FORGET_SECRETS",
        Always,
        Tables(1),
        "the subscriptions, once a minute",
    ),
    ("engine/store/callbacks/log.rs READ", Always, Tables(2), "an operator's list, sorted"),
    (
        "engine/store/dead_letters/list.rs LIST",
        Always,
        Tables(3),
        "an operator's list, sorted, with the tasks of the letters",
    ),
    (
        "engine/store/notifications.rs DUE",
        Always,
        Tables(2),
        "looks at each subscription of a kind, and whether anything waits in it",
    ),
    ("engine/store/pauses.rs ALL", Always, Tables(1), "paused objects, which are few"),
    ("ops/journal.rs NEWEST", Always, Tables(1), "an operator's list, sorted"),
    (
        "engine/store/tasks/window.rs NEWEST_OF_OBJECT",
        Always,
        Tables(1),
        "an operator's list of one object: a planner that takes the table for empty sorts it",
    ),
    (
        "engine/store/tasks/window.rs END_OF_OBJECT",
        Always,
        Tables(1),
        "the same list, and where its window ends",
    ),
    (
        "protocols/ticketscloud/sql/shown.rs ORDER_OBJECT",
        Always,
        OfOne(1),
        "an operator's list of one object: a planner that takes the table for empty sorts it",
    ),
    ("protocols/billmanager/sql/shown.rs PAYMENT_OBJECT", Always, Tables(1), "an operator's list"),
    ("protocols/billmanager/sql/shown.rs SERVICE_OBJECT", Always, Tables(1), "an operator's list"),
    ("ops/access/operators.rs ALL", Always, Tables(1), "operators, who are few"),
    ("engine/store/probe.rs FORGET", Always, Tables(1), "a row for each process"),
    (
        "engine/store/samples.rs WRITE",
        Always,
        Tables(1),
        "counts the dead letters, which are 100,000 at most, in one process once in ten seconds",
    ),
    (
        "engine/store/retention.rs FORGET_ORPHANS",
        Always,
        OfOne(1),
        "goes from one subscription to the next",
    ),
    (
        "engine/store/tasks/story.rs WAITING",
        Always,
        Tables(12),
        "an operator's look at one task: all that waits for its caller, here for 64 at once",
    ),
    ("engine/store/tasks.rs NEWEST", Always, Tables(2), "an operator's list, sorted"),
    ("engine/store/backlog.rs COUNT", Always, Tables(1), "counts the tasks that are open"),
    (
        "engine/store/upkeep.rs UNPUBLISHED",
        Always,
        Tables(1),
        "looks through the tasks that are open",
    ),
    (
        "protocols/activeplatform/sql/listing.rs",
        Always,
        OfOne(3),
        "a reseller's payments, by an index of the filter; a planner that knows the table takes a page for a tenth \
         of them, and would rather sort them all",
    ),
    (
        "protocols/activeplatform/sql/records.rs CHILDREN",
        Always,
        OfOne(3),
        "the tree below a reseller",
    ),
    (
        "protocols/activeplatform/sql/records.rs CHILD_ACCOUNTS",
        Always,
        OfOne(4),
        "the tree below a reseller, and the accounts of each",
    ),
    (
        "protocols/billmanager/sql/choosing.rs DATACENTERS",
        Always,
        Tables(1),
        "of the catalogue, which an operator writes",
    ),
    (
        "protocols/billmanager/sql/choosing.rs METHODS",
        Always,
        Tables(1),
        "of the catalogue, which an operator writes",
    ),
    (
        "protocols/billmanager/sql/choosing.rs STORED",
        Always,
        OfOne(2),
        "what a client has had stored, sorted",
    ),
    (
        "protocols/billmanager/sql/choosing.rs PRICELISTS",
        Always,
        Tables(1),
        "of the catalogue, which an operator writes",
    ),
    (
        "protocols/billmanager/sql/history.rs NEWEST",
        Always,
        OfOne(2),
        "an account's entries, sorted",
    ),
    (
        "protocols/billmanager/sql/services.rs NEWEST_OF_CLIENT",
        Always,
        OfOne(6),
        "a client's services, sorted",
    ),
    (
        "protocols/billmanager/sql/services.rs NEWEST",
        Filtered,
        Tables(6),
        "an operator's list, with all that belongs to a service",
    ),
    (
        "protocols/billmanager/sql/services.rs PENDING",
        Always,
        Tables(6),
        "what provisioning has not done yet, sorted, with all that belongs to a service",
    ),
    (
        "protocols/billmanager/sql/payments.rs NEWEST_OF_CLIENT",
        Always,
        OfOne(6),
        "a client's payments, sorted",
    ),
    (
        "protocols/billmanager/sql/payments.rs NEWEST",
        Filtered,
        Tables(6),
        "an operator's list, with all that belongs to a payment",
    ),
    (
        "protocols/ticketscloud/sql/catalogue.rs SETS",
        Always,
        Tables(2),
        "counts the free tickets of the sets of events",
    ),
    (
        "protocols/ticketscloud/sql/catalogue.rs TICKETS",
        Always,
        OfOne(6),
        "the tickets of an event, each with its order",
    ),
    (
        "protocols/ticketscloud/sql/expiry.rs LOOK",
        Always,
        Tables(1),
        "all that is overdue, when something cannot be ended",
    ),
    (
        "protocols/ticketscloud/sql/expiry.rs OVERDUE",
        Always,
        OfOne(1),
        "what is overdue of an event, sorted",
    ),
    (
        "protocols/ticketscloud/sql/orders.rs LIST",
        Always,
        OfOne(3),
        "a partner's orders, sorted; a planner that knows the table sorts them all rather than walk the index",
    ),
    (
        "protocols/ticketscloud/sql/refunds.rs LIST",
        Always,
        OfOne(8),
        "what was asked back of a partner's orders and events, sorted",
    ),
    (
        "protocols/ticketscloud/sql/tickets.rs SETS",
        Always,
        Tables(12),
        "an operator's list: counts the tickets of each set",
    ),
    (
        "protocols/whiteserver/sql/order_lists.rs LIST",
        Always,
        OfOne(3),
        "an object's orders of all tables but one; a planner that knows the table takes 500 for a tenth of them, and \
         would rather sort them all",
    ),
    (
        "protocols/whiteserver/sql/shown.rs ORDER_ORIGINAL",
        Always,
        Tables(4),
        "an operator's look-up, restaurant by restaurant",
    ),
    (
        "protocols/whiteserver/sql/orders.rs PAYABLE",
        Always,
        OfOne(3),
        "an object's open orders, sorted; for measurements",
    ),
    (
        "protocols/whiteserver/sql/till_orders.rs LIST",
        Always,
        OfOne(3),
        "an object's orders of one status: those of one moment are sorted by their guids",
    ),
];

/// Whether a run read more than it may.
pub fn is_over(run: &Run, rows: u64) -> bool {
    let (most_rows, most_pages) = of(run, rows);
    let small = !run.kept && run.figures.pages <= SMALL * asked(run);
    run.figures.pages > most_pages || run.figures.rows > most_rows && !small
}

fn asked(run: &Run) -> u64 {
    run.batch + run.figures.results + run.limits
}

/// What a run may read: rows, and pages.
pub fn of(run: &Run, rows: u64) -> (u64, u64) {
    let allowed = |(name, when, ..): &&(&str, When, Whole, &str)| {
        is_of(name, &run.statement) && (*when == Always || run.asked == Asked::Absent)
    };
    let whole = ALLOWED.iter().find(allowed).map_or(0, |(_, _, whole, _)| match whole {
        OfOne(times) => times * (rows / GROUPS + 1),
        Tables(times) => times * rows,
    });
    // Of a table that is read in the order of an index, each row may be on another page than the last.
    let once = if run.batch == 1 { ONCE } else { 0 };
    (ROWS * asked(run) + whole, once + PAGES * asked(run) + 3 * whole)
}

/// `BY_ID[01]`: the first two of a list.
fn is_of(name: &str, statement: &str) -> bool {
    match name.split_once('[') {
        Some((list, places)) => {
            let place = statement.strip_prefix(list).and_then(|rest| rest.strip_prefix('['));
            place.is_some_and(|place| place.starts_with(|digit| places.contains(digit)))
        }
        None => statement.starts_with(name),
    }
}

/// The names of the list that are of none of these statements.
pub fn unknown(statements: &[Named]) -> Vec<&'static str> {
    let is_known = |name: &&str| statements.iter().any(|named| is_of(name, &named.full_name()));
    ALLOWED.iter().map(|(name, ..)| *name).filter(|name| !is_known(name)).collect()
}
