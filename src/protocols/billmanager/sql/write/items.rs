//! The rows of line items.

use jiff::Timestamp;

use crate::database::{Statement, StoreError, Type, Value, row};
use crate::protocols::billmanager::model::{Item, Of};
use crate::protocols::billmanager::sql::rows::to_json;

pub(super) static ADD_ITEMS: Statement = Statement::insert(
    "bm_items",
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("pricelist_id", Type::Int),
        ("itemtype", Type::Text),
        ("name_ru", Type::Text),
        ("name_en", Type::Text),
        ("period", Type::Int),
        ("datacenter_id", Type::Int),
        ("autoprolong", Type::Bool),
        ("configuration", Type::Text),
        ("currency", Type::Text),
        ("price", Type::Money),
        ("discount", Type::Money),
        ("promocode", Type::Text),
        ("status", Type::Text),
        ("task_guid", Type::Uuid),
        ("added_at", Type::Time),
        ("order_count", Type::Int),
        ("autoprolong_period", Type::Int),
        ("parameters", Type::Text),
        ("renewals", Type::Text),
        ("refund", Type::Text),
    ],
    "",
);

// The state is named although the account is locked: a mistake fails here, before the constraints. It is named so that
// the index of carts, which would be read whole, does not answer it.
pub(super) static CHANGE_ITEMS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("discount", Type::Money),
        ("promocode", Type::Text),
        ("status", Type::Text),
    ],
    "UPDATE bm_items SET discount = b.discount, promocode = b.promocode, status = b.status
     FROM batch b {these bm_items: object_id, item_id} AND coalesce(bm_items.status, '') = 'cart'",
);

/// The row of a new one.
pub(super) fn new_item(of: Of, item: &Item, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(row![
        of.0,
        of.1,
        item.pricelist,
        &*item.itemtype,
        &*item.name.ru,
        &*item.name.en,
        item.period,
        item.datacenter,
        item.autoprolong.is_some(),
        to_json(&item.configuration)?,
        &*item.currency,
        item.price,
        item.discount,
        item.promocode.as_deref(),
        item.status.as_str(),
        item.task,
        now,
        item.count,
        item.autoprolong,
        to_json(&item.parameters)?,
        to_json(&item.renewals)?,
        item.refund.as_str(),
    ])
}
