//! An order with all that it has: what a schema shows it from.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer;
use super::event::place;
use crate::domain::task::TaskGuid;
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{EventId, TicketId};
use crate::protocols::ticketscloud::model::{Line, OrderStatus};

/// What an order has, as `fields-schema` names it; `*` is free.
pub const ORDER: &str = "id,created_at,customer{*},deal,done_at,\
    event{id,age_rating,created_at,deal,lifetime,map{*},media{*},\
    org{id,contact{*},desc,media{*},name,tags},removed,sets{id,amount,amount_vacant,name,pos,price,price_extra,\
    price_org,rules{id,cal,current,price,price_extra,price_org},seats{*},sector},status,tags,tickets_amount,\
    tickets_amount_vacant,title{desc,text},updated_at,venue{id,address,city{*},country{*},desc,name,point{*}}},\
    number,org,payment{failure_url,success_url,system},promocodes,reserved_till,rules{*},status,\
    tickets{id,barcode,discount,extra,full,nominal,number,price,seat{row,number,sector},serial,set,status},\
    updated_at,value,value_extra,values{discount,extra,full,nominal,refunded},vendor,vendor_data{*}";

/// What a ticket of an order has.
pub const TICKET: &str =
    "id,barcode,discount,extra,full,nominal,number,price,seat{row,number,sector},serial,set,status";

/// More than an order has tickets: numbers of tickets of one event are unique.
const NUMBERS: i64 = 1000;

/// An order; its event is named only.
pub fn order(view: &OrderView) -> Value {
    let mut order = answer::plain_order(view);
    let data = view.order.vendor_data.as_deref();
    order["tickets"] = tickets(view);
    order["done_at"] = view.order.done_at.map(answer::time).into();
    order["vendor_data"] = place(data).as_object().cloned().unwrap_or_default().into();
    order
}

/// The tickets that an order has, or had when it ended.
pub fn tickets(view: &OrderView) -> Value {
    let lines = view.order.lines.iter().enumerate();
    let shown = lines.filter(|(_, (_, line))| answer::is_shown(&view.order, line));
    shown.map(|(number, (id, line))| ticket(view, number, *id, line)).collect()
}

fn ticket(view: &OrderView, number: usize, id: TicketId, line: &Line) -> Value {
    let order = &view.order;
    let nominal = line.price.checked_sub(line.discount).unwrap_or_default();
    let status = match (order.holds(line), order.status) {
        (false, _) => "vacant",
        (true, OrderStatus::Done) => "sold",
        (true, _) => "reserved",
    };
    // Only what is paid for admits anybody.
    let admits = order.done_by.filter(|_| status == "sold");
    let number = order.number.saturating_mul(NUMBERS).saturating_add(number as i64);
    json!({
        "id": id.to_string(),
        "barcode": admits.map(|sale| barcode(sale, id)),
        "discount": line.discount.to_string(),
        "extra": line.extra.to_string(),
        "full": line.cost().to_string(),
        "nominal": nominal.to_string(),
        "number": admits.map(|_| number),
        "price": line.price.to_string(),
        "seat": place(line.place.as_deref()),
        "serial": admits.map(|_| serial(view.event.id)),
        "set": line.set.to_string(),
        "status": status,
    })
}

/// What admits to the event: 17 digits that follow from the task that sold the ticket. A ticket that is given back and
/// sold again has others, and nobody guesses them who does not know the task.
fn barcode(sale: TaskGuid, ticket: TicketId) -> String {
    let digest = Sha256::digest(format!("barcode {sale} {ticket}"));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:017}", number % 100_000_000_000_000_000)
}

/// Three letters that the tickets of an event have in common.
fn serial(event: EventId) -> String {
    let digest = Sha256::digest(format!("serial {event}"));
    digest.iter().take(3).map(|byte| char::from(b'A' + byte % 26)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_that_is_sold_again_has_another_barcode() {
        let ticket: TicketId = "56a6253df06c5a059a9380a0".parse().unwrap();
        let (first, second) = (TaskGuid::new(), TaskGuid::new());
        assert_eq!(barcode(first, ticket), barcode(first, ticket));
        assert_ne!(barcode(first, ticket), barcode(second, ticket));
        assert_eq!(barcode(first, ticket).len(), 17);
        let serial = serial("56a6253df06c5a059a93802e".parse().unwrap());
        assert!(serial.len() == 3 && serial.chars().all(|letter| letter.is_ascii_uppercase()));
    }
}
