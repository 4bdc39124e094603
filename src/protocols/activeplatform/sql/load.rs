//! What tasks of a batch need: the row of each reseller, locked, then its payments, accounts and so on.
//!
//! The reseller's row is the one lock: whoever settles its tasks holds it, so everything else is read as it
//! stays. Only the sweeper, which waits for nobody, may still hold a payment.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::try_join;

use super::rows::{self, payments};
use crate::database::{Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, TaskKey};
use crate::protocols::activeplatform::command::{Complete, Which};
use crate::protocols::activeplatform::model::{Account, Known, LedgerState};

static RESELLERS: Statement = Statement::write(
    &[("reseller_id", Type::Int)],
    "SELECT r.reseller_id, r.last_correction FROM {sorted reseller_id} b
     {one ap_resellers r: reseller_id} {lock r}",
);

static BY_ID: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    concat!(payments!("{sorted reseller_id, payment_id}", "payment_id"), " {lock p}"),
);

// Not in the order of the numbers: of those who wait for a payment, each holds its reseller.
static BY_DOCUMENT: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("document_id", Type::Text)],
    concat!(payments!("{sorted reseller_id, document_id}", "document_id"), " {lock p}"),
);

static ACCOUNTS: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("account_id", Type::Int)],
    "SELECT a.reseller_id, a.account_id, a.currency, a.balance FROM batch b
     {one ap_accounts a: reseller_id, account_id}",
);

static METHODS: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("payment_method_id", Type::Int)],
    "SELECT m.reseller_id, m.payment_method_id, m.name FROM batch b
     {one ap_payment_methods m: reseller_id, payment_method_id}",
);

static TRANSACTIONS: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("transaction_id", Type::Text)],
    "SELECT t.reseller_id, t.transaction_id, t.document_id, t.amount, t.answer FROM batch b
     {one ap_external_transactions t: reseller_id, transaction_id}",
);

/// Loads and locks what these tasks need.
pub(crate) async fn load(
    tx: &Tx,
    tasks: &[(TaskKey, &Complete)],
) -> Result<LedgerState, StoreError> {
    let mut ledger = LedgerState::default();
    if tasks.is_empty() {
        return Ok(ledger);
    }
    let resellers: BTreeSet<ObjectId> = tasks.iter().map(|(key, _)| key.object).collect();
    let (mut ids, mut documents) = (BTreeSet::new(), BTreeSet::new());
    let (mut methods, mut transactions) = (BTreeSet::new(), BTreeSet::new());
    for (key, ask) in tasks {
        match &ask.which {
            Which::Payment(id) => drop(ids.insert((key.object, *id))),
            Which::Document(document) => drop(documents.insert((key.object, document.clone()))),
        }
        methods.insert((key.object, ask.method));
        transactions.extend(ask.transaction.iter().map(|id| (key.object, id.clone())));
    }
    let resellers = resellers.into_iter().map(|reseller| row![reseller]).collect();
    for mut row in tx.query(&RESELLERS, resellers).await? {
        ledger.last_correction.insert(row.get("reseller_id")?, row.get("last_correction")?);
    }
    // Awaited in turn where rows are locked: two statements that are under way at once have no order.
    let ids = ids.into_iter().map(|(reseller, id)| row![reseller, id]).collect();
    let documents = documents.into_iter().map(|(reseller, id)| row![reseller, id]).collect();
    let mut found = tx.query_some(&BY_ID, ids).await?;
    found.extend(tx.query_some(&BY_DOCUMENT, documents).await?);
    let mut payments = BTreeMap::new();
    for row in found {
        let payment = rows::payment(row)?;
        payments.insert((payment.reseller, payment.id), payment);
    }
    let accounts: BTreeSet<_> = payments.values().map(|p| (p.reseller, p.account)).collect();
    let two = |(reseller, id): (ObjectId, i64)| row![reseller, id];
    let (accounts, methods, transactions, corrections) = try_join!(
        tx.query_some(&ACCOUNTS, accounts.into_iter().map(two).collect()),
        tx.query_some(&METHODS, methods.into_iter().map(two).collect()),
        tx.query_some(
            &TRANSACTIONS,
            transactions.into_iter().map(|(reseller, id)| row![reseller, id]).collect()
        ),
        tx.query_some(&rows::CORRECTIONS, payments.keys().copied().map(two).collect()),
    )?;
    for mut row in corrections {
        if let Some(payment) = payments.get_mut(&(row.get("reseller_id")?, row.get("payment_id")?))
        {
            payment.corrections.push(row.get("correction_id")?);
        }
    }
    payments.into_values().for_each(|payment| ledger.load_payment(payment));
    for mut row in accounts {
        let (of, currency, balance) = (
            (row.get("reseller_id")?, row.get("account_id")?),
            row.get("currency")?,
            row.get("balance")?,
        );
        ledger.accounts.insert(of, Account { currency, balance, loaded: balance });
    }
    for mut row in methods {
        ledger
            .methods
            .insert((row.get("reseller_id")?, row.get("payment_method_id")?), row.get("name")?);
    }
    for mut row in transactions {
        let key = (row.get("reseller_id")?, row.get("transaction_id")?);
        let known = Known {
            document: row.get("document_id")?,
            amount: row.get("amount")?,
            answer: row.get("answer")?,
        };
        ledger.known.insert(key, known);
    }
    Ok(ledger)
}
