//! An order on the White Server wire. Prices of products and quantities of ingredients are strings
//! there, the order's own price and quantities of products are numbers: so the seed document has it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use crate::money::Money;
use crate::task::answer::OrderView;
use crate::task::order_content::{Address, Customer, Expedition, Ingredient, Product, Quantity};
use crate::task::{OrderGuid, TableCode};

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    pub(super) total: Money,
    pub(super) summ_to_pay: Money,
}

#[derive(Serialize)]
pub(super) struct ShortOrder {
    pub(super) price: Price,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FullOrder<'a> {
    order_guid: OrderGuid,
    original_order_id: Option<&'a str>,
    created_at: DateTime,
    status: Status,
    delivery: WireExpedition<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup: Option<WireExpedition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expedition_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a Customer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table_code: Option<&'a TableCode>,
    products: Vec<WireProduct<'a>>,
    comment: Option<&'a str>,
    persons_quantity: Option<u32>,
    pub(super) price: Price,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) value: &'static str,
    pub(super) is_bill_printed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireExpedition<'a> {
    expected_time: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a Address>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireProduct<'a> {
    ingredients: Vec<WireIngredient<'a>>,
    voiding_reason: Option<&'a str>,
    id: &'a str,
    name: &'a str,
    price: String,
    quantity: Quantity,
}

#[derive(Serialize)]
struct WireIngredient<'a> {
    id: &'a str,
    name: &'a str,
    quantity: String,
}

impl<'a> FullOrder<'a> {
    pub(super) fn of(view: &'a OrderView) -> FullOrder<'a> {
        let content = &view.content;
        FullOrder {
            order_guid: view.guid,
            original_order_id: content.original_order_id.as_deref(),
            created_at: utc(view.created_at),
            status: Status { value: view.status.as_str(), is_bill_printed: view.bill_printed },
            delivery: expedition(content.delivery.as_ref()),
            pickup: content.pickup.as_ref().map(|pickup| expedition(Some(pickup))),
            expedition_type: content.expedition_type.as_deref(),
            customer: content.customer.as_ref(),
            table_code: content.table_code.as_ref(),
            products: content.products.iter().map(product).collect(),
            comment: content.comment.as_deref(),
            persons_quantity: content.persons_quantity,
            price: Price { total: view.total, summ_to_pay: view.due },
        }
    }
}

/// `2008-10-17T00:00:00`: the published form has no zone; it is UTC here, in whole seconds.
pub(super) fn utc(moment: Timestamp) -> DateTime {
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    moment.with().subsec_nanosecond(0).build().unwrap_or(moment)
}

fn expedition(given: Option<&Expedition>) -> WireExpedition<'_> {
    WireExpedition {
        expected_time: given.and_then(|given| given.expected_time),
        address: given.and_then(|given| given.address.as_ref()),
    }
}

fn product(product: &Product) -> WireProduct<'_> {
    WireProduct {
        ingredients: product.ingredients.iter().map(ingredient).collect(),
        voiding_reason: product.voiding_reason.as_deref(),
        id: &product.id,
        name: &product.name,
        price: product.price.to_string(),
        quantity: product.quantity,
    }
}

fn ingredient(ingredient: &Ingredient) -> WireIngredient<'_> {
    WireIngredient {
        id: &ingredient.id,
        name: &ingredient.name,
        quantity: ingredient.quantity.to_string(),
    }
}
