//! What a till did and heard, against the tables.

use std::collections::BTreeMap;

use rusqlite::Connection;
use uuid::Uuid;

use super::books::PaymentRow;
use super::intent::{OBJECTS, ORDERS, order};
use super::till::{Heard, Step, Write};
use crate::simulation::checker::Remains;
use crate::simulation::context::lock;
use crate::simulation::tasks::{all, guid};

/// Everything that the tables contradict.
pub(super) fn check(
    remains: &Remains,
    writes: &[Write],
    payments: &[PaymentRow],
    heard: &Heard,
    database: &Connection,
) -> rusqlite::Result<Vec<String>> {
    let mut broken = Vec::new();
    for Write { step, amount, told } in writes {
        let Some(task) = remains.tasks.get(&told.guid.0) else { continue };
        let paid = payments.iter().filter(|payment| payment.task == task.guid);
        let paid: i64 = paid.map(|payment| payment.amount).sum();
        let expected = if *step == Step::Pay && task.is("done") { *amount } else { 0 };
        if paid != expected {
            broken.push(format!("{}: {:?} paid {paid}, not {expected}", told.name, task.outcome));
        }
    }
    let (events, wrong) = &*lock(heard);
    broken.extend(wrong.iter().cloned());
    if !events.keys().copied().eq(1..=i64::try_from(events.len()).unwrap_or_default()) {
        broken.push(format!("the till heard {:?}", events.keys()));
    }
    let mut versions: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for event in events.values() {
        let order = event["order"]["orderGuid"].as_str().and_then(|guid| guid.parse().ok());
        let version = event["order"]["version"].as_i64().unwrap_or_default();
        versions.entry(order.unwrap_or_default()).or_default().push(version);
    }
    let there: Vec<Uuid> = (0..ORDERS).map(|number| order(OBJECTS[0], number).0).collect();
    let orders = "SELECT order_guid, version FROM orders WHERE object_id = 1";
    let orders =
        all(database, orders, |row| Ok((guid(row.get("order_guid")?), row.get("version")?)))?;
    for (order, version) in orders.into_iter().filter(|(order, _)| !remains.spoilt.contains(order))
    {
        let first = if there.contains(&order) { 2 } else { 1 };
        let all: Vec<i64> = (first..=version).collect();
        let heard = versions.remove(&order).unwrap_or_default();
        if heard != all {
            broken.push(format!("of order {order} the till heard {heard:?}, not {all:?}"));
        }
    }
    Ok(broken)
}
