//! An order with all that it has: what a schema shows it from.

use serde_json::{Value, json};

use super::answer;
use super::event::place;
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::TicketId;
use crate::protocols::ticketscloud::model::Line;

/// What an order has, as `fields-schema` names it; `*` is free.
pub const ORDER: &str = "id,created_at,customer{*},deal,\
    event{id,age_rating,created_at,deal,lifetime,map{*},media{*},\
    org{id,contact{*},desc,media{*},name,tags},removed,sets{id,amount,amount_vacant,name,pos,price,price_extra,\
    price_org,rules{id,cal,current,price,price_extra,price_org},seats{*},sector},status,tags,tickets_amount,\
    tickets_amount_vacant,title{desc,text},updated_at,venue{id,address,city{*},country{*},desc,name,point{*}}},\
    number,org,payment{failure_url,success_url,system},promocodes,reserved_till,rules{*},status,\
    tickets{id,barcode,discount,extra,full,nominal,number,price,seat{row,number,sector},serial,set,status},\
    updated_at,value,value_extra,values{discount,extra,full,nominal},vendor";

/// What a ticket of an order has.
pub const TICKET: &str =
    "id,barcode,discount,extra,full,nominal,number,price,seat{row,number,sector},serial,set,status";

/// An order; its event is named only.
pub fn order(view: &OrderView) -> Value {
    let mut order = answer::plain_order(view);
    order["tickets"] = tickets(view);
    order
}

/// The tickets that an order has, or had when it ended.
pub fn tickets(view: &OrderView) -> Value {
    view.order.lines.iter().map(|(id, line)| ticket(view, *id, line)).collect()
}

fn ticket(view: &OrderView, id: TicketId, line: &Line) -> Value {
    let nominal = line.price.checked_sub(line.discount).unwrap_or_default();
    let full = nominal.checked_add(line.extra).unwrap_or_default();
    let status = match view.order.status.holds() {
        true => "reserved",
        false => "vacant",
    };
    json!({
        "id": id.to_string(),
        "barcode": null,
        "discount": line.discount.to_string(),
        "extra": line.extra.to_string(),
        "full": full.to_string(),
        "nominal": nominal.to_string(),
        "number": null,
        "price": line.price.to_string(),
        "seat": place(line.place.as_deref()),
        "serial": null,
        "set": line.set.to_string(),
        "status": status,
    })
}
