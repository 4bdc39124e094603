//! What managers read beside payments: a page of a list, or one entry of it. Every list is by a key of its reseller.

use jiff::Timestamp;

use super::reference::{PaymentMethod, Reseller, StoredAccount};
use crate::database::{Column, Row, Statement, StoreError, Type, Value, row};
use crate::domain::money::Money;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::activeplatform::listing::{CorrectionsAsked, PlainAsked};
use crate::protocols::activeplatform::sql::Tables;

/// A correction as it is kept.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct StoredCorrection {
    pub reseller: ObjectId,
    pub id: i64,
    pub account: i64,
    pub payment: i64,
    pub document: String,
    pub manager: i64,
    pub amount: Money,
    pub currency: String,
    pub comment: String,
    pub created_at: Timestamp,
}

const PLAIN: &[Column] = &[
    ("reseller_id", Type::Int),
    ("after_id", Type::Int),
    ("before_id", Type::Int),
    ("most", Type::Int),
    ("skipped", Type::Int),
];

/// A page of a table by its key, whose second part this is.
macro_rules! page {
    ($columns:literal, $table:literal, $id:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE reseller_id = (SELECT reseller_id FROM batch) AND ",
            $id,
            " > (SELECT after_id FROM batch) AND ",
            $id,
            " < (SELECT before_id FROM batch) ORDER BY ",
            $id,
            " LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)"
        )
    };
}

static ACCOUNTS: Statement = Statement::read(
    PLAIN,
    page!("reseller_id, account_id, name, currency, balance", "ap_accounts", "account_id"),
);

static METHODS: Statement = Statement::read(
    PLAIN,
    page!("reseller_id, payment_method_id, name", "ap_payment_methods", "payment_method_id"),
);

static CORRECTIONS: Statement = Statement::read(
    PLAIN,
    page!(
        "reseller_id, correction_id, account_id, payment_id, document_id, manager_id, amount, currency, comment,
         created_at",
        "ap_corrections",
        "correction_id"
    ),
);

// By the index of its payment, which has few of them, and not by the ids of all.
pub(super) static CORRECTIONS_OF_PAYMENT: Statement = Statement::read(
    &[
        ("reseller_id", Type::Int),
        ("payment_id", Type::Int),
        ("after_id", Type::Int),
        ("before_id", Type::Int),
        ("most", Type::Int),
        ("skipped", Type::Int),
    ],
    "SELECT ap_corrections.reseller_id, correction_id, account_id, ap_corrections.payment_id,
            document_id, manager_id, amount, currency, comment, created_at
     FROM batch b {all ap_corrections: reseller_id, payment_id}
     WHERE ap_corrections.correction_id + 0 > b.after_id
       AND ap_corrections.correction_id + 0 < b.before_id
     ORDER BY ap_corrections.correction_id + 0 LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)",
);

// A reseller above the caller's own is none of its business, not even by its number.
pub(super) static RESELLER: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("reseller_id", Type::Int)],
    "SELECT r.reseller_id, r.name,
            CASE WHEN r.reseller_id <> m.reseller_id THEN r.parent_id END AS parent_id
     FROM batch b {one ap_resellers r: reseller_id}
     {one ap_managers m: aggregator_id}",
);

// `UNION`, so that even a circle ends.
pub(super) static CHILDREN: Statement = Statement::read(
    PLAIN,
    "SELECT r.reseller_id, r.parent_id, r.name FROM (
         WITH RECURSIVE below (reseller_id, parent_id, name) AS (
             SELECT c.reseller_id, c.parent_id, c.name FROM ap_resellers c
             WHERE c.parent_id = (SELECT reseller_id FROM batch)
             UNION
             SELECT c.reseller_id, c.parent_id, c.name FROM below
             {all ap_resellers c: parent_id = below.reseller_id})
         SELECT reseller_id, parent_id, name FROM below) AS r
     WHERE r.reseller_id > (SELECT after_id FROM batch)
       AND r.reseller_id < (SELECT before_id FROM batch)
       AND r.reseller_id <> (SELECT reseller_id FROM batch)
     ORDER BY r.reseller_id LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)",
);

// Of all resellers below one, or of this one of them. Ids are those of each reseller.
pub(super) static CHILD_ACCOUNTS: Statement = Statement::read(
    &[
        ("reseller_id", Type::Int),
        ("only_reseller_id", Type::Int),
        ("after_id", Type::Int),
        ("before_id", Type::Int),
        ("most", Type::Int),
        ("skipped", Type::Int),
    ],
    "SELECT a.reseller_id, a.account_id, a.name, a.currency, a.balance FROM (
         WITH RECURSIVE below (reseller_id) AS (
             SELECT c.reseller_id FROM ap_resellers c
             WHERE c.parent_id = (SELECT reseller_id FROM batch)
             UNION
             SELECT c.reseller_id FROM below
             {all ap_resellers c: parent_id = below.reseller_id})
         SELECT reseller_id FROM below
         WHERE reseller_id = coalesce((SELECT only_reseller_id FROM batch), reseller_id)
           AND reseller_id <> (SELECT reseller_id FROM batch)) AS r
     {all ap_accounts a: reseller_id = r.reseller_id
      WHERE a.account_id > (SELECT after_id FROM batch) AND a.account_id < (SELECT before_id FROM batch)}
     ORDER BY a.account_id + 0, a.reseller_id + 0
     LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)",
);

fn plain(reseller: ObjectId, asked: PlainAsked) -> Vec<Value> {
    let PlainAsked { page, ids } = asked;
    row![reseller, ids.after, ids.before, page.size + 1, page.skipped()]
}

impl Tables<'_> {
    /// The accounts of a page, and one more where there is a next page.
    pub async fn list_accounts(
        self,
        reseller: ObjectId,
        asked: PlainAsked,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        let rows = self.db.run(&ACCOUNTS, vec![plain(reseller, asked)]).await?;
        rows.into_iter().map(account).collect()
    }

    /// The accounts of a page of all that resellers below one have, or that one of them has, and one more where there is
    /// a next page.
    pub async fn list_child_accounts(
        self,
        of: ObjectId,
        only: Option<ObjectId>,
        asked: PlainAsked,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        let PlainAsked { page, ids } = asked;
        let row = row![of, only, ids.after, ids.before, page.size + 1, page.skipped()];
        self.db.run(&CHILD_ACCOUNTS, vec![row]).await?.into_iter().map(account).collect()
    }

    /// The payment methods of a page, and one more where there is a next page.
    pub async fn list_methods(
        self,
        reseller: ObjectId,
        asked: PlainAsked,
    ) -> Result<Vec<PaymentMethod>, StoreError> {
        let rows = self.db.run(&METHODS, vec![plain(reseller, asked)]).await?;
        rows.into_iter().map(method).collect()
    }

    /// The corrections of a page, and one more where there is a next page.
    pub async fn list_corrections(
        self,
        reseller: ObjectId,
        asked: CorrectionsAsked,
    ) -> Result<Vec<StoredCorrection>, StoreError> {
        let CorrectionsAsked { page, ids, payment } = asked;
        let (most, skipped) = (page.size + 1, page.skipped());
        let rows = match payment {
            None => {
                self.db.run(&CORRECTIONS, vec![plain(reseller, PlainAsked { page, ids })]).await?
            }
            Some(payment) => {
                let row = row![reseller, payment, ids.after, ids.before, most, skipped];
                self.db.run(&CORRECTIONS_OF_PAYMENT, vec![row]).await?
            }
        };
        rows.into_iter().map(correction).collect()
    }

    /// A reseller, as this caller sees it.
    pub async fn reseller(
        self,
        caller: AggregatorId,
        id: ObjectId,
    ) -> Result<Option<Reseller>, StoreError> {
        let rows = self.db.run(&RESELLER, vec![row![caller, id]]).await?;
        rows.into_iter().next().map(reseller).transpose()
    }

    /// The resellers of a page of all that are below one, and one more where there is a next page.
    pub async fn list_children(
        self,
        of: ObjectId,
        asked: PlainAsked,
    ) -> Result<Vec<Reseller>, StoreError> {
        let rows = self.db.run(&CHILDREN, vec![plain(of, asked)]).await?;
        rows.into_iter().map(reseller).collect()
    }
}

pub(super) fn reseller(mut row: Row) -> Result<Reseller, StoreError> {
    Ok(Reseller {
        id: row.get("reseller_id")?,
        parent: row.get("parent_id")?,
        name: row.get("name")?,
    })
}

pub(super) fn account(mut row: Row) -> Result<StoredAccount, StoreError> {
    Ok(StoredAccount {
        reseller: row.get("reseller_id")?,
        id: row.get("account_id")?,
        name: row.get("name")?,
        currency: row.get("currency")?,
        balance: row.get("balance")?,
    })
}

pub(super) fn method(mut row: Row) -> Result<PaymentMethod, StoreError> {
    Ok(PaymentMethod {
        reseller: row.get("reseller_id")?,
        id: row.get("payment_method_id")?,
        name: row.get("name")?,
    })
}

pub(super) fn correction(mut row: Row) -> Result<StoredCorrection, StoreError> {
    Ok(StoredCorrection {
        reseller: row.get("reseller_id")?,
        id: row.get("correction_id")?,
        account: row.get("account_id")?,
        payment: row.get("payment_id")?,
        document: row.get("document_id")?,
        manager: row.get("manager_id")?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        comment: row.get("comment")?,
        created_at: row.get("created_at")?,
    })
}
