//! Line items and payments as rows.

use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{Item, Of, Payment, PaymentStatus};
use crate::store::StoreError;
use crate::store::sql::Row;
use crate::task::ObjectId;
use crate::token::TokenHash;

/// The columns that [`item`] reads.
macro_rules! item_columns {
    () => {
        "i.object_id, i.item_id, i.pricelist_id, i.itemtype, i.name_ru, i.name_en, i.period,
         i.datacenter_id, i.autoprolong, i.configuration, i.currency, i.price, i.discount,
         i.promocode, i.status, i.task_guid"
    };
}
pub(super) use item_columns;

/// From such a row.
pub(super) fn item(row: &mut Row) -> Result<(Of, Item), StoreError> {
    let of = (row.get::<ObjectId>(0)?, row.get(1)?);
    let item = Item {
        pricelist: row.get(2)?,
        itemtype: row.get(3)?,
        name: text(row, 4)?,
        period: row.get(6)?,
        datacenter: row.get(7)?,
        autoprolong: row.get(8)?,
        configuration: json(row, 9)?,
        currency: row.get(10)?,
        price: row.get(11)?,
        discount: row.get(12)?,
        promocode: row.get(13)?,
        status: row.word(14)?,
        task: row.get(15)?,
    };
    Ok((of, item))
}

/// The columns that [`payment`] reads, of a payment `p` and its method `m`.
macro_rules! payment_columns {
    () => {
        "p.object_id, p.payment_id, p.order_id, p.method_id, p.stored_id, p.profile_id, p.status,
         p.amount, p.currency, p.parameters, p.store_method, coalesce(m.test, false), p.key_hash,
         p.aggregator_id, p.task_guid, p.created_at"
    };
}
pub(super) use payment_columns;

/// From such a row.
pub(super) fn payment(row: &mut Row) -> Result<(Of, Payment), StoreError> {
    let of = (row.get::<ObjectId>(0)?, row.get(1)?);
    let status: i64 = row.get(6)?;
    let payment = Payment {
        order: row.get(2)?,
        method: row.get(3)?,
        stored: row.get(4)?,
        profile: row.get(5)?,
        status: PaymentStatus::numbered(status)
            .ok_or_else(|| StoreError::Corrupt(format!("a payment has the status {status}")))?,
        amount: row.get(7)?,
        currency: row.get(8)?,
        parameters: json(row, 9)?,
        store: row.get(10)?,
        test: row.get(11)?,
        key: row.get::<Option<Vec<u8>>>(12)?.map(hash).transpose()?,
        aggregator: row.get(13)?,
        task: row.get(14)?,
        created_at: row.get(15)?,
    };
    Ok((of, payment))
}

/// A text in both languages, from two columns.
pub(super) fn text(row: &mut Row, first: usize) -> Result<Text, StoreError> {
    Ok(Text { ru: row.get(first)?, en: row.get(first + 1)? })
}

/// What a column holds as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &mut Row,
    index: usize,
) -> Result<T, StoreError> {
    serde_json::from_str(&row.get::<String>(index)?)
        .map_err(|error| StoreError::Corrupt(format!("column {index} cannot be read: {error}")))
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
