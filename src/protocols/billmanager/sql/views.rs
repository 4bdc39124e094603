//! What is shown to those who look.

use futures_util::try_join;

use super::reference::{Profile, profile};
use super::rows::{self, item_columns, json, payment_columns};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::engine::store::reference::Aggregator;
use crate::protocols::billmanager::model::{Item, Payment};
use crate::protocols::billmanager::sql::Tables;

/// An order, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its number.
    pub order: i64,
    /// What it costs.
    pub total: Money,
    /// What that is in.
    pub currency: String,
    /// Whether it is paid.
    pub paid: bool,
    /// Its line items by their numbers.
    pub items: Vec<(i64, Item)>,
    /// Who pays it, when that is told.
    pub payer: Option<Profile>,
    /// The provider's links to questions and answers.
    pub faq: Vec<String>,
    /// The function that the provider's support is reached by.
    pub support: Option<String>,
}

/// A payment that has a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Payable {
    /// Its account.
    pub object: ObjectId,
    /// The payment.
    pub payment: Payment,
    /// The module of the page.
    pub module: String,
    /// Whose caller made it.
    pub aggregator: Aggregator,
}

static CART: Statement = Statement::read(
    &[("object_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        " FROM batch b {all bm_items i: object_id WHERE i.status = 'cart'}
          ORDER BY i.item_id"
    ),
);

static ORDER: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "SELECT o.total, o.currency, o.status, v.faq, v.support
     FROM batch b {one bm_orders o: object_id, order_id} {one bm_accounts a: object_id = o.object_id}
     {one bm_providers v: provider_id = a.provider_id}",
);

static ORDER_ITEMS: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        " FROM batch b
          {all bm_order_lines l: object_id, order_id}
          {one bm_items i: object_id = l.object_id, item_id = l.item_id}
          ORDER BY i.item_id"
    ),
);

static ORDER_PAYER: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "SELECT f.profile_id, f.object_id, f.kind, f.name
     FROM batch b {one bm_payments p: object_id, order_id}
     {one bm_profiles f: profile_id = p.profile_id}",
);

static PAYMENT: Statement = Statement::read(
    &[("payment_id", Type::Int)],
    concat!(
        "SELECT ",
        payment_columns!(),
        ", m.module, a.name, a.guid_salt, a.requests_per_s
         FROM batch b {all bm_payments p: payment_id} {one bm_methods m: method_id = p.method_id}
         {one aggregators a: aggregator_id = p.aggregator_id}"
    ),
);

impl Tables<'_> {
    /// What is in a cart, by the numbers of the line items.
    pub async fn cart(self, object: ObjectId) -> Result<Vec<(i64, Item)>, StoreError> {
        self.db.run(&CART, vec![row![object]]).await?.into_iter().map(numbered_item).collect()
    }

    /// An order of an account.
    pub async fn order(self, object: ObjectId, order: i64) -> Result<Option<Summary>, StoreError> {
        let of = || vec![row![object, order]];
        let (found, items, payer) = try_join!(
            self.db.run(&ORDER, of()),
            self.db.run(&ORDER_ITEMS, of()),
            self.db.run(&ORDER_PAYER, of()),
        )?;
        let Some(mut row) = found.into_iter().next() else { return Ok(None) };
        Ok(Some(Summary {
            order,
            total: row.get("total")?,
            currency: row.get("currency")?,
            paid: row.get::<String>("status")? == "paid",
            faq: json(&mut row, "faq")?,
            support: row.get("support")?,
            items: items.into_iter().map(numbered_item).collect::<Result<_, _>>()?,
            payer: payer.into_iter().next().map(profile).transpose()?,
        }))
    }

    /// A payment that has a page.
    pub async fn payment(self, id: i64) -> Result<Option<Payable>, StoreError> {
        let Some(mut row) = self.db.run(&PAYMENT, vec![row![id]]).await?.into_iter().next() else {
            return Ok(None);
        };
        let ((object, _), payment) = rows::payment(&mut row)?;
        let module = row.get("module")?;
        let aggregator = Aggregator {
            id: payment.aggregator,
            name: row.get("name")?,
            salt: row.get("guid_salt")?,
            requests_per_s: row.get("requests_per_s")?,
        };
        Ok(Some(Payable { object, payment, module, aggregator }))
    }
}

fn numbered_item(mut row: Row) -> Result<(i64, Item), StoreError> {
    let ((_, id), item) = rows::item(&mut row)?;
    Ok((id, item))
}
