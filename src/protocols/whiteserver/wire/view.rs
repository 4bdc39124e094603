//! An order on the White Server wire. Prices of products and quantities of ingredients are strings
//! there, the order's own price and quantities of products are numbers: so the published description has it.

use jiff::Zoned;
use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;

use super::applied::Applied;
use super::more::More;
use crate::domain::money::Money;
use crate::domain::task::OrderGuid;
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::TableCode;
use crate::protocols::whiteserver::command::order_content::{
    Address, Courier, Customer, Discount, Expedition, Ingredient, Product, Promo, Quantity,
};
use crate::protocols::whiteserver::contract::forms;
use crate::protocols::whiteserver::reply::OrderView;

/// An order's money.
#[derive(Serialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    /// What it costs.
    pub(super) total: Money,
    /// What remains to be paid.
    pub(super) summ_to_pay: Money,
}

/// What an order costs.
#[derive(Serialize, JsonSchema)]
pub(super) struct ShortOrder {
    pub(super) price: Price,
}

/// An order whole.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Order")]
pub(super) struct FullOrder<'a> {
    order_guid: OrderGuid,
    /// The aggregator's own number.
    original_order_id: Option<&'a str>,
    /// When it was opened, in the restaurant's local time.
    #[schemars(schema_with = "forms::local_time")]
    created_at: DateTime,
    status: Status,
    delivery: WireExpedition<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "WireExpedition<'a>")]
    pickup: Option<WireExpedition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    expedition_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Customer")]
    customer: Option<&'a Customer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TableCode")]
    table_code: Option<&'a TableCode>,
    /// Who serves it: an `id` of `GetEmployees`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    waiter_id: Option<i64>,
    #[serde(flatten)]
    more: More<'a>,
    products: Vec<WireProduct<'a>>,
    comment: Option<&'a str>,
    persons_quantity: Option<u32>,
    pub(super) price: Price,
    /// What is paid of it, the oldest first; in the answer of `GetOrder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Applied<'a>>")]
    applied_payments: Option<Vec<Applied<'a>>>,
}

/// Where an order stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    #[schemars(schema_with = "forms::order_status")]
    pub(super) value: &'static str,
    pub(super) is_bill_printed: bool,
}

/// When and where an order is expected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderExpedition")]
struct WireExpedition<'a> {
    /// As it was given: local time, or a moment, with the restaurant's offset.
    #[schemars(schema_with = "forms::expected_time")]
    expected_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Address")]
    address: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Courier")]
    courier: Option<&'a Courier>,
    /// Who takes it from the restaurant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    taker: Option<&'a str>,
}

/// A line of an order.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderProduct")]
struct WireProduct<'a> {
    ingredients: Vec<WireIngredient<'a>>,
    voiding_reason: Option<&'a str>,
    id: &'a str,
    name: &'a str,
    #[schemars(schema_with = "forms::decimal_text")]
    price: String,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Discount]>::is_empty")]
    discount_ids: &'a [Discount],
    #[serde(skip_serializing_if = "<[Promo]>::is_empty")]
    yandex_promos: &'a [Promo],
}

/// A part of a dish.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OrderIngredient")]
struct WireIngredient<'a> {
    id: &'a str,
    name: &'a str,
    #[schemars(schema_with = "forms::decimal_text")]
    quantity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::decimal_text", default)]
    price: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ingredients: Vec<WireIngredient<'a>>,
}

impl<'a> FullOrder<'a> {
    pub(super) fn of(view: &'a OrderView) -> FullOrder<'a> {
        let (content, zone) = (&view.content, &view.zone);
        FullOrder {
            order_guid: view.guid,
            original_order_id: content.original_order_id.as_deref(),
            created_at: local(zone.at(view.created_at)),
            status: Status { value: view.status.as_str(), is_bill_printed: view.bill_printed },
            delivery: expedition(content.delivery.as_ref(), zone),
            pickup: content.pickup.as_ref().map(|pickup| expedition(Some(pickup), zone)),
            expedition_type: content.expedition_type.as_deref(),
            customer: content.customer.as_ref(),
            table_code: content.table_code.as_ref(),
            waiter_id: view.waiter,
            more: More::of(content, zone),
            products: content.products.iter().map(product).collect(),
            comment: content.comment.as_deref(),
            persons_quantity: content.persons_quantity,
            price: Price { total: view.total, summ_to_pay: view.due },
            applied_payments: view.payments.as_deref().map(Applied::all),
        }
    }
}

/// `2008-10-17T00:00:00`: the published form has no zone; it is that of the restaurant, in whole seconds.
pub(super) fn local(moment: Zoned) -> DateTime {
    let moment = moment.datetime();
    moment.with().subsec_nanosecond(0).build().unwrap_or(moment)
}

fn expedition<'a>(given: Option<&'a Expedition>, zone: &TimeZone) -> WireExpedition<'a> {
    WireExpedition {
        expected_time: given.and_then(|given| Some(given.expected_time?.shown(zone))),
        address: given.and_then(|given| given.address.as_ref()),
        courier: given.and_then(|given| given.courier.as_ref()),
        taker: given.and_then(|given| given.taker.as_deref()),
    }
}

fn product(product: &Product) -> WireProduct<'_> {
    WireProduct {
        ingredients: product.ingredients.iter().map(ingredient).collect(),
        voiding_reason: product.voiding_reason.as_deref(),
        id: &product.id,
        name: &product.name,
        price: product.price.unwrap_or_default().to_string(),
        quantity: product.quantity,
        comment: product.comment.as_deref(),
        discount_ids: &product.discount_ids,
        yandex_promos: &product.yandex_promos,
    }
}

fn ingredient(ingredient: &Ingredient) -> WireIngredient<'_> {
    WireIngredient {
        id: &ingredient.id,
        name: &ingredient.name,
        quantity: ingredient.quantity.to_string(),
        price: ingredient.price.map(|price| price.to_string()),
        ingredients: ingredient.ingredients.iter().map(self::ingredient).collect(),
    }
}
