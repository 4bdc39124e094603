//! Writing what a batch decided.

use jiff::Timestamp;

use crate::database::{Rows, Statement, Type, Write, row};
use crate::protocols::activeplatform::model::{Correction, Entry, LedgerState, Received};

// The state is named although the row is locked: a mistake fails here, before the constraints. It is named so that
// the index of states does not answer it.
static COMPLETE: Statement = Statement::write(
    &[
        ("reseller_id", Type::Int),
        ("payment_id", Type::Int),
        ("payment_method_id", Type::Int),
        ("manager_id", Type::Int),
        ("closed_by", Type::Uuid),
        ("closed_at", Type::Time),
    ],
    "UPDATE ap_payments SET status = 'completed', payment_method_id = b.payment_method_id,
            manager_id = b.manager_id, closed_by = b.closed_by, closed_at = b.closed_at,
            updated_at = b.closed_at
     FROM batch b {these ap_payments: reseller_id, payment_id}
       AND coalesce(ap_payments.status, '') IN ('waiting_for_payment', 'expired')",
);

static CREDIT: Statement = Statement::write(
    &[
        ("reseller_id", Type::Int),
        ("account_id", Type::Int),
        ("loaded", Type::Money),
        ("balance", Type::Money),
    ],
    "UPDATE ap_accounts SET balance = b.balance FROM batch b
     {these ap_accounts: reseller_id, account_id} AND ap_accounts.balance = b.loaded",
);

static COUNT: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("last_correction", Type::Int)],
    "UPDATE ap_resellers SET last_correction = b.last_correction FROM batch b
     {these ap_resellers: reseller_id}",
);

static CORRECT: Statement = Statement::insert(
    "ap_corrections",
    &[
        ("reseller_id", Type::Int),
        ("correction_id", Type::Int),
        ("account_id", Type::Int),
        ("payment_id", Type::Int),
        ("document_id", Type::Text),
        ("manager_id", Type::Int),
        ("amount", Type::Money),
        ("currency", Type::Text),
        ("comment", Type::Text),
        ("task_guid", Type::Uuid),
        ("created_at", Type::Time),
    ],
    "",
);

static ENTER: Statement = Statement::insert(
    "ap_entries",
    &[
        ("reseller_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("line", Type::Int),
        ("account_id", Type::Int),
        ("payment_id", Type::Int),
        ("correction_id", Type::Int),
        ("kind", Type::Text),
        ("amount", Type::Money),
        ("manager_id", Type::Int),
        ("entered_at", Type::Time),
    ],
    "",
);

static RECEIVE: Statement = Statement::insert(
    "ap_external_transactions",
    &[
        ("reseller_id", Type::Int),
        ("transaction_id", Type::Text),
        ("document_id", Type::Text),
        ("payment_id", Type::Int),
        ("amount", Type::Money),
        ("task_guid", Type::Uuid),
        ("answer", Type::Text),
        ("received_at", Type::Time),
    ],
    "",
);

/// Writes it; costs nothing when there is nothing.
pub(crate) fn write(ledger: LedgerState, now: Timestamp) -> Vec<Write> {
    let completed = ledger.completed.iter().filter_map(|(of, task)| {
        let payment = ledger.payment(*of)?;
        let method = payment.method.as_ref().map(|method| method.id);
        Some(row![of.0, of.1, method, payment.manager, *task, payment.closed_at])
    });
    let completed: Rows = completed.collect();
    let credits = ledger.accounts.iter().filter(|(_, account)| account.balance != account.loaded);
    let credits = credits.map(|(of, account)| row![of.0, of.1, account.loaded, account.balance]);
    let counted = ledger.last_correction.iter();
    let counted =
        counted.filter(|(reseller, _)| ledger.corrections.iter().any(|c| c.reseller == **reseller));
    let counted = counted.map(|(reseller, last)| row![*reseller, *last]).collect();
    let (credits, entries) = (credits.collect(), ledger.entries.iter().map(|e| entry(e, now)));
    let entries = entries.collect();
    let corrections = ledger.corrections.into_iter().map(|c| correction(c, now)).collect();
    let received = ledger.received.into_iter().map(|r| transaction(r, now)).collect();
    vec![
        Write::each(&COMPLETE, completed),
        Write::each(&CREDIT, credits),
        Write::each(&COUNT, counted),
        Write::each(&CORRECT, corrections),
        Write::each(&ENTER, entries),
        Write::each(&RECEIVE, received),
    ]
}

fn entry(entry: &Entry, now: Timestamp) -> Vec<crate::database::Value> {
    // A task makes at most one of each kind.
    let (line, kind): (i64, _) = match entry.correction {
        None => (0, "payment"),
        Some(_) => (1, "correction"),
    };
    row![
        entry.reseller,
        entry.task,
        line,
        entry.account,
        entry.payment,
        entry.correction,
        kind,
        entry.amount,
        entry.manager,
        now,
    ]
}

fn correction(of: Correction, now: Timestamp) -> Vec<crate::database::Value> {
    row![
        of.reseller,
        of.id,
        of.account,
        of.payment,
        of.document,
        of.manager,
        of.amount,
        of.currency,
        of.comment,
        of.task,
        now,
    ]
}

fn transaction(of: Received, now: Timestamp) -> Vec<crate::database::Value> {
    row![
        of.reseller,
        of.transaction,
        of.known.document,
        of.payment,
        of.known.amount,
        of.task,
        of.known.answer,
        now,
    ]
}
