//! Line items and payments as rows.

use crate::database::{Row, StoreError};
use crate::domain::task::ObjectId;
use crate::domain::token::TokenHash;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{Item, Of, Payment, PaymentStatus, Service};

/// The columns that [`item`] reads.
macro_rules! item_columns {
    () => {
        "i.object_id, i.item_id, i.pricelist_id, i.itemtype, i.name_ru, i.name_en, i.period,
         i.datacenter_id, i.autoprolong, i.configuration, i.currency, i.price, i.discount,
         i.promocode, i.status, i.task_guid, i.order_count, i.autoprolong_period, i.parameters,
         i.renewals, i.refund"
    };
}
pub(super) use item_columns;

/// From such a row.
pub(super) fn item(row: &mut Row) -> Result<(Of, Item), StoreError> {
    let of = (row.get::<ObjectId>("object_id")?, row.get("item_id")?);
    let period = row.get("period")?;
    let renewed_for: Option<i64> = row.get("autoprolong_period")?;
    let autoprolong: bool = row.get("autoprolong")?;
    let item = Item {
        pricelist: row.get("pricelist_id")?,
        itemtype: row.get("itemtype")?,
        name: text(row, "name_ru", "name_en")?,
        period,
        count: row.get("order_count")?,
        datacenter: row.get("datacenter_id")?,
        autoprolong: autoprolong.then(|| renewed_for.unwrap_or(period)),
        parameters: json(row, "parameters")?,
        configuration: json(row, "configuration")?,
        currency: row.get("currency")?,
        price: row.get("price")?,
        discount: row.get("discount")?,
        promocode: row.get("promocode")?,
        status: row.word("status")?,
        task: row.get("task_guid")?,
        renewals: json(row, "renewals")?,
        refund: row.word("refund")?,
    };
    Ok((of, item))
}

/// The columns that [`payment`] reads, of a payment `p` and its method `m`.
macro_rules! payment_columns {
    () => {
        "p.object_id, p.payment_id, p.order_id, p.method_id, p.stored_id, p.profile_id, p.status,
         p.amount, p.currency, p.parameters, p.store_method, coalesce(m.test, false) AS test,
         p.key_hash, p.aggregator_id, p.task_guid, p.created_at"
    };
}
pub(super) use payment_columns;

/// From such a row.
pub(super) fn payment(row: &mut Row) -> Result<(Of, Payment), StoreError> {
    let of = (row.get::<ObjectId>("object_id")?, row.get("payment_id")?);
    let status: i64 = row.get("status")?;
    let payment = Payment {
        order: row.get("order_id")?,
        method: row.get("method_id")?,
        stored: row.get("stored_id")?,
        profile: row.get("profile_id")?,
        status: PaymentStatus::numbered(status)
            .ok_or_else(|| StoreError::Corrupt(format!("a payment has the status {status}")))?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        parameters: json(row, "parameters")?,
        store: row.get("store_method")?,
        test: row.get("test")?,
        key: row.get::<Option<Vec<u8>>>("key_hash")?.map(hash).transpose()?,
        aggregator: row.get("aggregator_id")?,
        task: row.get("task_guid")?,
        created_at: row.get("created_at")?,
    };
    Ok((of, payment))
}

/// The columns that [`service`] reads.
macro_rules! service_columns {
    () => {
        "s.order_id, s.status AS service_status, s.suspended_for, s.pending,
         s.autoprolong_period AS renewed_for, s.ip, s.ordered_at, s.opened_at, s.expires_at,
         s.anchor_day, s.look_at, s.changed_at, s.changed_by"
    };
}
pub(super) use service_columns;

/// From such a row; it may stand beside the columns of its line item.
pub(super) fn service(row: &mut Row) -> Result<Service, StoreError> {
    Ok(Service {
        order: row.get("order_id")?,
        status: row.word("service_status")?,
        suspended_for: row.word_if_any("suspended_for")?,
        pending: row.word_if_any("pending")?,
        autoprolong: row.get("renewed_for")?,
        ip: row.get("ip")?,
        ordered_at: row.get("ordered_at")?,
        opened_at: row.get("opened_at")?,
        expires_at: row.get("expires_at")?,
        anchor_day: row.get("anchor_day")?,
        look_at: row.get("look_at")?,
        changed_at: row.get("changed_at")?,
        changed_by: row.get("changed_by")?,
    })
}

/// A text in both languages, from two columns.
pub(super) fn text(row: &mut Row, ru: &str, en: &str) -> Result<Text, StoreError> {
    Ok(Text { ru: row.get(ru)?, en: row.get(en)? })
}

/// What a column holds as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &mut Row,
    column: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(&row.get::<String>(column)?)
        .map_err(|error| StoreError::Corrupt(format!("column {column} cannot be read: {error}")))
}

/// The JSON of a column.
pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Corrupt(format!("a column cannot be written: {error}")))
}

pub(super) fn hash(bytes: Vec<u8>) -> Result<TokenHash, StoreError> {
    let bytes = bytes.try_into();
    bytes.map(TokenHash).map_err(|_| StoreError::Corrupt("a hash has not 32 bytes".into()))
}
