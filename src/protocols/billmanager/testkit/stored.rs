//! The account, its cart, orders, payments and entries, read past the program; amounts in kopecks.

use rusqlite::Connection;
use uuid::Uuid;

use crate::simulation::tasks::{all, guid};

pub(super) struct ItemRow {
    pub id: i64,
    pub status: String,
    pub costs: i64,
    pub task: Uuid,
}

pub(super) struct OrderRow {
    pub id: i64,
    pub status: String,
    pub total: i64,
    pub task: Uuid,
    pub paid_by: Option<Uuid>,
}

pub(super) struct LineRow {
    pub order: i64,
    pub item: i64,
    pub amount: i64,
}

pub(super) struct PaymentRow {
    pub id: i64,
    pub order: i64,
    pub method: i64,
    pub status: i64,
    pub amount: i64,
    pub credited_by: Option<Uuid>,
}

pub(super) struct EntryRow {
    pub kind: String,
    pub amount: i64,
    pub order: Option<i64>,
    pub payment: Option<i64>,
    pub task: Uuid,
    /// Of a renewal or a refund.
    pub service: Option<i64>,
    /// Of a renewal: the service, and where the period starts.
    pub period: Option<(i64, i64)>,
}

pub(super) struct ServiceRow {
    pub id: i64,
    pub status: String,
    /// By which rule what was not used is given back.
    pub refund: String,
    pub opened_at: Option<i64>,
    pub expires_at: Option<i64>,
}

pub(super) struct PeriodRow {
    pub service: i64,
    pub starts_at: i64,
    pub ends_at: Option<i64>,
    pub amount: i64,
    pub task: Uuid,
}

/// All of it.
pub(super) struct Stored {
    pub balance: i64,
    pub items: Vec<ItemRow>,
    pub orders: Vec<OrderRow>,
    pub lines: Vec<LineRow>,
    pub payments: Vec<PaymentRow>,
    pub entries: Vec<EntryRow>,
    pub services: Vec<ServiceRow>,
    /// In the order in which they start.
    pub periods: Vec<PeriodRow>,
}

impl Stored {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Stored> {
        let balance =
            all(database, "SELECT balance FROM bm_accounts", |row| row.get::<_, i64>("balance"))?;
        let items = "SELECT item_id, status, price - discount AS costs, task_guid FROM bm_items";
        let items = all(database, items, |row| {
            let (id, status, costs) = (row.get("item_id")?, row.get("status")?, row.get("costs")?);
            Ok(ItemRow { id, status, costs, task: guid(row.get("task_guid")?) })
        })?;
        let orders = "SELECT order_id, status, total, task_guid, paid_by FROM bm_orders";
        let orders = all(database, orders, |row| {
            let (id, status, total) = (row.get("order_id")?, row.get("status")?, row.get("total")?);
            let paid_by = row.get::<_, Option<Vec<u8>>>("paid_by")?.map(guid);
            Ok(OrderRow { id, status, total, task: guid(row.get("task_guid")?), paid_by })
        })?;
        let lines = all(database, "SELECT order_id, item_id, amount FROM bm_order_lines", |row| {
            Ok(LineRow {
                order: row.get("order_id")?,
                item: row.get("item_id")?,
                amount: row.get("amount")?,
            })
        })?;
        let payments = "SELECT payment_id, order_id, method_id, status, amount, credited_by
                        FROM bm_payments";
        let payments = all(database, payments, |row| {
            Ok(PaymentRow {
                id: row.get("payment_id")?,
                order: row.get("order_id")?,
                method: row.get("method_id")?,
                status: row.get("status")?,
                amount: row.get("amount")?,
                credited_by: row.get::<_, Option<Vec<u8>>>("credited_by")?.map(guid),
            })
        })?;
        let entries = "SELECT kind, amount, order_id, payment_id, task_guid, item_id, starts_at
                       FROM bm_entries";
        let entries = all(database, entries, |row| {
            let (kind, amount) = (row.get("kind")?, row.get("amount")?);
            let (order, payment) = (row.get("order_id")?, row.get("payment_id")?);
            let (item, starts): (Option<i64>, Option<i64>) =
                (row.get("item_id")?, row.get("starts_at")?);
            let task = guid(row.get("task_guid")?);
            let period = item.zip(starts);
            Ok(EntryRow { kind, amount, order, payment, task, service: item, period })
        })?;
        let (services, periods) = services(database)?;
        let balance = balance.into_iter().sum();
        Ok(Stored { balance, items, orders, lines, payments, entries, services, periods })
    }
}

fn services(database: &Connection) -> rusqlite::Result<(Vec<ServiceRow>, Vec<PeriodRow>)> {
    let services = "SELECT s.item_id, s.status, s.opened_at, s.expires_at, i.refund
                    FROM bm_services s JOIN bm_items i ON i.item_id = s.item_id";
    let services = all(database, services, |row| {
        Ok(ServiceRow {
            id: row.get("item_id")?,
            status: row.get("status")?,
            refund: row.get("refund")?,
            opened_at: row.get("opened_at")?,
            expires_at: row.get("expires_at")?,
        })
    })?;
    let periods = "SELECT item_id, starts_at, ends_at, amount, task_guid FROM bm_periods
                   ORDER BY item_id, starts_at";
    let periods = all(database, periods, |row| {
        Ok(PeriodRow {
            service: row.get("item_id")?,
            starts_at: row.get("starts_at")?,
            ends_at: row.get("ends_at")?,
            amount: row.get("amount")?,
            task: guid(row.get("task_guid")?),
        })
    })?;
    Ok((services, periods))
}
