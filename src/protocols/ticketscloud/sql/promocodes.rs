//! Promo codes: as rows, and as an operator keeps them.

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::PromocodeId;
use crate::protocols::ticketscloud::model::{Discount, Percent, Period, Promocode};
use crate::protocols::ticketscloud::sql::Tables;

/// The columns that [`promocode`] reads.
macro_rules! promocode_columns {
    () => {
        "p.object_id, p.promocode_id, p.code, p.percent, p.amount, p.set_id, p.uses, p.used, p.starts_at,
         p.ends_at"
    };
}
pub(super) use promocode_columns;

static ADD: Statement = Statement::insert(
    "tc_promocodes",
    &[
        ("object_id", Type::Int),
        ("promocode_id", Type::Text),
        ("code", Type::Text),
        ("percent", Type::Int),
        ("amount", Type::Money),
        ("set_id", Type::Text),
        ("uses", Type::Int),
        ("starts_at", Type::Time),
        ("ends_at", Type::Time),
    ],
    "ON CONFLICT DO NOTHING RETURNING promocode_id",
);
static ALL: Statement = Statement::read(
    &[],
    concat!("SELECT ", promocode_columns!(), " FROM tc_promocodes p ORDER BY p.object_id, p.code"),
);
// An order shows the ids of its promo codes for ever, so one that was ever used stays.
static REMOVE: Statement = Statement::write(
    &[("object_id", Type::Int), ("code", Type::Text)],
    "DELETE FROM tc_promocodes {those tc_promocodes: object_id, code}
        AND NOT EXISTS (SELECT 1 FROM
            {rows tc_order_promocodes o: object_id = tc_promocodes.object_id,
                                         promocode_id = tc_promocodes.promocode_id})
     RETURNING tc_promocodes.promocode_id",
);

impl Tables<'_> {
    /// Adds a promo code, which no order has yet; `false` when the event has one with this code or id.
    pub async fn add_promocode(
        self,
        object: ObjectId,
        new: &Promocode,
    ) -> Result<bool, StoreError> {
        let (percent, amount) = match new.discount {
            Discount::Percent(percent) => (Some(percent.hundredths()), None),
            Discount::Fixed(amount) => (None, Some(amount)),
        };
        let row = row![
            object,
            new.id,
            &*new.code,
            percent,
            amount,
            new.set,
            new.uses,
            new.period.starts_at,
            new.period.ends_at,
        ];
        Ok(!self.db.run(&ADD, vec![row]).await?.is_empty())
    }

    /// Every promo code, by event and code.
    pub async fn promocodes(self) -> Result<Vec<(ObjectId, Promocode)>, StoreError> {
        self.db.run(&ALL, Vec::new()).await?.into_iter().map(promocode).collect()
    }

    /// Removes a promo code that no order has, or had when it ended; tells whether it did.
    pub async fn remove_promocode(self, object: ObjectId, code: &str) -> Result<bool, StoreError> {
        // No task of the event is being settled meanwhile: one might be about to give the code to an order.
        let tx = self.db.begin().await?;
        tx.query(&super::reference::LOCK_EVENT, vec![row![object]]).await?;
        let removed = tx.query(&REMOVE, vec![row![object, code]]).await?;
        tx.commit().await?;
        Ok(!removed.is_empty())
    }
}

/// From such a row.
pub(super) fn promocode(mut row: Row) -> Result<(ObjectId, Promocode), StoreError> {
    let id: PromocodeId = row.word("promocode_id")?;
    let percent: Option<i64> = row.get("percent")?;
    let percent = percent.and_then(Percent::from_hundredths).map(Discount::Percent);
    let discount = percent.or(row.get::<Option<_>>("amount")?.map(Discount::Fixed));
    let promocode = Promocode {
        id,
        code: row.get("code")?,
        discount: discount
            .ok_or_else(|| StoreError::Corrupt(format!("promo code {id} has no discount")))?,
        set: row.word_if_any("set_id")?,
        uses: row.get("uses")?,
        used: row.get("used")?,
        period: Period { starts_at: row.get("starts_at")?, ends_at: row.get("ends_at")? },
    };
    Ok((row.get("object_id")?, promocode))
}
