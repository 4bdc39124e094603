//! One reseller, one account, and some payments that wait.

use rusqlite::Connection;
use uuid::{Uuid, uuid};

use crate::domain::token::TokenHash;

/// The header of the reseller's manager.
pub(super) const TOKEN: (&str, &str) = ("X-Api-Token", "the-manager-of-the-simulated");
/// The salt of its guids.
pub(super) const SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000003");
/// No object of another protocol.
pub(super) const RESELLER: i64 = 700;
pub(super) const METHOD: i64 = 2;
/// What waits, by the id of the payment and in kopecks.
pub(super) const PAYMENTS: [(i64, i64); 3] = [(6475, 9_900), (6476, 12_000), (6477, 4_935)];

/// The number of the document of a payment.
pub(super) fn document(payment: i64) -> String {
    format!("D-{payment}")
}

/// Writes it into empty tables.
pub(crate) fn set(database: &Connection) -> rusqlite::Result<()> {
    database.execute(
        "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
         VALUES (3, 'activeplatform-manager-234', ?1, ?2)",
        (TokenHash::of(TOKEN.1).0.as_slice(), SALT.as_bytes().as_slice()),
    )?;
    let reseller = "INSERT INTO ap_resellers (reseller_id, name) VALUES (?1, 'Operator')";
    database.execute(reseller, [RESELLER])?;
    let manager = "INSERT INTO ap_managers VALUES (234, ?1, 3, 'Anna', 'accountant')";
    database.execute(manager, [RESELLER])?;
    let method = "INSERT INTO ap_payment_methods VALUES (?1, ?2, 'Cash')";
    database.execute(method, [RESELLER, METHOD])?;
    let account = "INSERT INTO ap_accounts (reseller_id, account_id, name, currency)
                   VALUES (?1, 505, 'Customer', 'USD')";
    database.execute(account, [RESELLER])?;
    for (id, total) in PAYMENTS {
        database.execute(
            "INSERT INTO ap_payments (reseller_id, payment_id, account_id, document_id, status, total,
                                      currency, created_at, updated_at)
             VALUES (?1, ?2, 505, ?3, 'waiting_for_payment', ?4, 'USD', 0, 0)",
            (RESELLER, id, document(id), total),
        )?;
    }
    // One expires before anybody can pay it; it can be paid all the same.
    let expires = "UPDATE ap_payments SET expires_at = 1 WHERE payment_id = 6477";
    database.execute(expires, []).map(drop)
}
