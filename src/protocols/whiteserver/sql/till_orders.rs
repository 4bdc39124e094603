//! Orders as a till reads them.

use super::Tables;
use super::payments::{payment_columns, read_payment};
use super::rows::read_order;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, OrderKey};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::model::CurrencyKind;
use crate::protocols::whiteserver::model::till::TillOrder;
use crate::protocols::whiteserver::wire::till::WirePayment;
use crate::protocols::whiteserver::wire::till::request::ListQuery;

macro_rules! columns {
    () => {
        "o.object_id, o.order_guid, o.status, o.total, o.paid, o.bill_printed, o.created_at,
            o.closed_at, o.version, o.waiter_id, o.substate, o.acceptance, o.accept_by,
            o.reject_code, o.reject_message, o.content"
    };
}

// One statement, so that what is paid is the sum of the payments.
static ORDER: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_guid", Type::Uuid)],
    concat!(
        "SELECT ",
        columns!(),
        ", r.time_zone, ",
        payment_columns!(),
        " FROM batch b {one orders o: object_id, order_guid} {one objects r: object_id}
         {left all payments p: object_id, order_guid}
         ORDER BY p.taken_at, p.task_guid, p.line"
    ),
);

// The newest first, from the end of an index as far as the limit.
static LIST: Statement = Statement::read(
    &[
        ("object_id", Type::Int),
        ("status", Type::Text),
        ("acceptance", Type::Text),
        ("table_code", Type::Text),
        ("before", Type::Time),
        ("before_guid", Type::Uuid),
        ("most", Type::Int),
    ],
    concat!(
        "SELECT listed.*, r.time_zone FROM (SELECT ",
        columns!(),
        " FROM orders o
         WHERE o.object_id = (SELECT object_id FROM batch) AND o.status = (SELECT status FROM batch)
           AND coalesce(o.acceptance, '') = (SELECT coalesce(acceptance, '') FROM batch)
           AND ((SELECT table_code FROM batch) IS NULL
                OR o.table_code = (SELECT table_code FROM batch))
           AND ((SELECT before FROM batch) IS NULL OR o.created_at < (SELECT before FROM batch)
                OR (o.created_at = (SELECT before FROM batch)
                    AND o.order_guid < (SELECT before_guid FROM batch)))
         ORDER BY o.created_at DESC, o.order_guid DESC LIMIT (SELECT most FROM batch)) AS listed
         JOIN objects r ON r.object_id = listed.object_id
         ORDER BY listed.created_at DESC, listed.order_guid DESC"
    ),
);

static KINDS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT c.currency_guid, c.kind FROM batch b {all currencies c: object_id}
     ORDER BY c.currency_guid",
);

impl Tables<'_> {
    /// An order with its payments; `None` when the object has none with this guid.
    pub async fn till_order(
        self,
        key: OrderKey,
    ) -> Result<Option<(TillOrder, Vec<WirePayment>)>, StoreError> {
        let mut rows = self.db.run(&ORDER, vec![row![key.object, key.guid]]).await?;
        let mut payments = Vec::new();
        for row in &mut rows {
            payments.extend(read_payment(row)?.map(WirePayment::from));
        }
        let Some(order) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some((read(order)?, payments)))
    }

    /// The newest orders of a list, at most `most`.
    pub async fn till_orders(
        self,
        object: ObjectId,
        query: &ListQuery,
        most: usize,
    ) -> Result<Vec<TillOrder>, StoreError> {
        let (status, acceptance) = query.status.stored();
        let (before, before_guid): (Option<jiff::Timestamp>, Option<OrderGuid>) = match query.after
        {
            Some((moment, guid)) => (jiff::Timestamp::from_microsecond(moment).ok(), Some(guid)),
            None => (None, None),
        };
        let table = query.table.as_deref();
        let row = row![object, status, acceptance, table, before, before_guid, most as i64];
        self.db.run(&LIST, vec![row]).await?.into_iter().map(read).collect()
    }

    /// The currencies of an object that are of this kind.
    pub async fn currencies_of_kind(
        self,
        object: ObjectId,
        kind: CurrencyKind,
    ) -> Result<Vec<CurrencyGuid>, StoreError> {
        let mut found = Vec::new();
        for mut row in self.db.run(&KINDS, vec![row![object]]).await? {
            if row.word::<CurrencyKind>("kind")? == kind {
                found.push(row.get("currency_guid")?);
            }
        }
        Ok(found)
    }
}

fn read(mut row: Row) -> Result<TillOrder, StoreError> {
    let zone = TimeZone::stored(&row.get::<String>("time_zone")?);
    let (key, order) = read_order(row)?;
    let version = order.version;
    Ok(TillOrder { key, order, version, zone })
}
