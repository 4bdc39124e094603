//! Orders as rows: an order with its event and its tickets is one statement, so that what is read together was
//! so at one moment.

use std::collections::BTreeMap;

use crate::database::{Row, StoreError};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{OrderId, TicketId};
use crate::protocols::ticketscloud::model::{Event, Line, Order, Values};

/// The orders `o` of a source, a row for each of their tickets.
macro_rules! orders {
    ($source:expr) => {
        concat!(
            "SELECT o.object_id, o.order_id, o.number, o.partner_id, o.deal_id, o.status, o.created_at,
                    o.updated_at, o.reserved_till, o.customer, o.system_id, o.success_url, o.failure_url,
                    o.nominal, o.discount, o.extra, o.value, o.refunded,
                    coalesce(o.shown_number, o.number) AS shown_number, o.done_at, o.done_by,
                    o.vendor_data, o.task_guid, o.version,
                    (SELECT string_agg(p.promocode_id, ',') FROM
                        {rows tc_order_promocodes p: object_id = o.object_id, order_id = o.order_id}
                    ) AS promocodes,
                    e.event_id, e.org, e.on_sale, e.last_number,
                    l.ticket_id, l.set_id, l.rule_id, l.price, l.extra AS line_extra,
                    l.discount AS line_discount, l.task_guid AS line_task_guid,
                    l.place, l.refund, l.refunded_by
             FROM ",
            $source,
            " {one tc_events e: object_id = o.object_id}
             {left all tc_lines l: object_id = o.object_id, order_id = o.order_id}"
        )
    };
}
pub(super) use orders;

/// From such rows; in the order of keys.
pub(super) fn assembled(rows: Vec<Row>) -> Result<Vec<(ObjectId, OrderView)>, StoreError> {
    let mut views: BTreeMap<(ObjectId, OrderId), OrderView> = BTreeMap::new();
    for mut row in rows {
        let key = (row.get("object_id")?, row.word("order_id")?);
        let line = line(&mut row)?;
        let view = match views.entry(key) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(OrderView { order: order(&mut row, key.1)?, event: event(&mut row)? })
            }
        };
        view.order.lines.extend(line);
    }
    Ok(views.into_iter().map(|((object, _), view)| (object, view)).collect())
}

/// The event of such a row, or of one with these columns of an event.
pub(super) fn event(row: &mut Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.word("event_id")?,
        org: row.word("org")?,
        on_sale: row.get("on_sale")?,
        last_number: row.get("last_number")?,
    })
}

fn order(row: &mut Row, id: OrderId) -> Result<Order, StoreError> {
    let customer: String = row.get("customer")?;
    let customer = serde_json::from_str(&customer)
        .map_err(|error| StoreError::Corrupt(format!("a customer cannot be read: {error}")))?;
    let promocodes: Option<String> = row.get("promocodes")?;
    let promocodes = promocodes.iter().flat_map(|ids| ids.split(',')).map(str::parse);
    Ok(Order {
        id,
        number: row.get("number")?,
        partner: row.word("partner_id")?,
        deal: row.word_if_any("deal_id")?,
        status: row.word("status")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        reserved_till: row.get("reserved_till")?,
        customer,
        system: row.word_if_any("system_id")?,
        success_url: row.get("success_url")?,
        failure_url: row.get("failure_url")?,
        promocodes: promocodes.collect::<Result<_, _>>().map_err(StoreError::Corrupt)?,
        lines: BTreeMap::new(),
        values: Values {
            nominal: row.get("nominal")?,
            discount: row.get("discount")?,
            extra: row.get("extra")?,
            full: row.get("value")?,
        },
        refunded: row.get("refunded")?,
        shown_number: row.get("shown_number")?,
        done_at: row.get("done_at")?,
        done_by: row.get("done_by")?,
        vendor_data: row.get("vendor_data")?,
        task: row.get("task_guid")?,
        version: row.get("version")?,
    })
}

fn line(row: &mut Row) -> Result<Option<(TicketId, Line)>, StoreError> {
    let Some(ticket) = row.word_if_any("ticket_id")? else { return Ok(None) };
    let line = Line {
        set: row.word("set_id")?,
        rule: row.word("rule_id")?,
        price: row.get("price")?,
        extra: row.get("line_extra")?,
        discount: row.get("line_discount")?,
        task: row.get("line_task_guid")?,
        place: row.get("place")?,
        refund: row.get("refund")?,
        refunded_by: row.get("refunded_by")?,
    };
    Ok(Some((ticket, line)))
}
