//! Orders as rows: an order with its event and its tickets is one statement, so that what is read together was
//! so at one moment.

use std::collections::BTreeMap;

use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{OrderId, TicketId};
use crate::protocols::ticketscloud::model::{Event, Line, Order, Values};
use crate::store::StoreError;
use crate::store::sql::Row;
use crate::task::ObjectId;

/// The orders `o` of a source, a row for each of their tickets.
macro_rules! orders {
    ($source:expr) => {
        concat!(
            "SELECT o.object_id, o.order_id, o.number, o.partner_id, o.deal_id, o.status, o.created_at,
                    o.updated_at, o.reserved_till, o.customer, o.system_id, o.success_url, o.failure_url,
                    o.nominal, o.discount, o.extra, o.value, o.task_guid, o.version,
                    (SELECT string_agg(p.promocode_id, ',') FROM tc_order_promocodes p
                     WHERE p.object_id = o.object_id AND p.order_id = o.order_id),
                    e.event_id, e.org, e.on_sale, e.last_number,
                    l.ticket_id, l.set_id, l.rule_id, l.price, l.extra, l.discount, l.task_guid
             FROM ",
            $source,
            " JOIN tc_events e ON e.object_id = o.object_id
             LEFT JOIN tc_lines l ON l.object_id = o.object_id AND l.order_id = o.order_id"
        )
    };
}
pub(super) use orders;

/// From such rows; in the order of keys.
pub(super) fn assembled(rows: Vec<Row>) -> Result<Vec<(ObjectId, OrderView)>, StoreError> {
    let mut views: BTreeMap<(ObjectId, OrderId), OrderView> = BTreeMap::new();
    for mut row in rows {
        let key = (row.get(0)?, row.word(1)?);
        let line = line(&mut row)?;
        let view = match views.entry(key) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new
                .insert(OrderView { order: order(&mut row, key.1)?, event: event(&mut row, 20)? }),
        };
        view.order.lines.extend(line);
    }
    Ok(views.into_iter().map(|((object, _), view)| (object, view)).collect())
}

/// From four columns.
pub(super) fn event(row: &mut Row, first: usize) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.word(first)?,
        org: row.word(first + 1)?,
        on_sale: row.get(first + 2)?,
        last_number: row.get(first + 3)?,
    })
}

fn order(row: &mut Row, id: OrderId) -> Result<Order, StoreError> {
    let customer: String = row.get(9)?;
    let customer = serde_json::from_str(&customer)
        .map_err(|error| StoreError::Corrupt(format!("a customer cannot be read: {error}")))?;
    let promocodes: Option<String> = row.get(19)?;
    let promocodes = promocodes.iter().flat_map(|ids| ids.split(',')).map(str::parse);
    Ok(Order {
        id,
        number: row.get(2)?,
        partner: row.word(3)?,
        deal: row.word_if_any(4)?,
        status: row.word(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
        reserved_till: row.get(8)?,
        customer,
        system: row.word_if_any(10)?,
        success_url: row.get(11)?,
        failure_url: row.get(12)?,
        promocodes: promocodes.collect::<Result<_, _>>().map_err(StoreError::Corrupt)?,
        lines: BTreeMap::new(),
        values: Values {
            nominal: row.get(13)?,
            discount: row.get(14)?,
            extra: row.get(15)?,
            full: row.get(16)?,
        },
        task: row.get(17)?,
        version: row.get(18)?,
    })
}

fn line(row: &mut Row) -> Result<Option<(TicketId, Line)>, StoreError> {
    let Some(ticket) = row.word_if_any(24)? else { return Ok(None) };
    let line = Line {
        set: row.word(25)?,
        rule: row.word(26)?,
        price: row.get(27)?,
        extra: row.get(28)?,
        discount: row.get(29)?,
        task: row.get(30)?,
    };
    Ok(Some((ticket, line)))
}
