//! What is shown to those who look.

use futures_util::try_join;
use jiff::Timestamp;

use super::reference::{Profile, profile};
use super::rows::{self, item_columns, json, payment_columns};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::engine::store::reference::Aggregator;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{Item, Payment, PaymentStatus};
use crate::protocols::billmanager::sql::Tables;

/// The most payments of a list.
pub const MOST_PAYMENTS: i64 = 500;

/// An order, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its number.
    pub order: i64,
    /// What it costs.
    pub total: Money,
    /// What that is in.
    pub currency: String,
    /// Whether it is paid.
    pub paid: bool,
    /// Its line items by their numbers.
    pub items: Vec<(i64, Item)>,
    /// Who pays it, when that is told.
    pub payer: Option<Profile>,
    /// The provider's links to questions and answers.
    pub faq: Vec<String>,
    /// The function that the provider's support is reached by.
    pub support: Option<String>,
}

/// A payment in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedPayment {
    /// Its number.
    pub id: i64,
    /// The payment.
    pub payment: Payment,
    /// The name of its method; `None`: the balance.
    pub method: Option<Text>,
    /// Whose it is.
    pub login: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A payment that has a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Payable {
    /// Its account.
    pub object: ObjectId,
    /// The payment.
    pub payment: Payment,
    /// The module of the page.
    pub module: String,
    /// Whose caller made it.
    pub aggregator: Aggregator,
}

/// Which payments to list; `None` is all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct PaymentFilter {
    /// Of this client.
    pub user: Option<i64>,
    /// With this number.
    pub id: Option<i64>,
    /// Of this order.
    pub order: Option<i64>,
    /// In this state.
    pub status: Option<PaymentStatus>,
    /// At most so many, the newest.
    pub most: i64,
}

static CART: Statement = Statement::read(
    &[("object_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        " FROM batch b JOIN bm_items i ON i.object_id = b.object_id AND i.status = 'cart'
          ORDER BY i.item_id"
    ),
);

static ORDER: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "SELECT o.total, o.currency, o.status, v.faq, v.support
     FROM batch b JOIN bm_orders o ON o.object_id = b.object_id AND o.order_id = b.order_id
     JOIN bm_accounts a ON a.object_id = o.object_id
     JOIN bm_providers v ON v.provider_id = a.provider_id",
);

static ORDER_ITEMS: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        " FROM batch b
          JOIN bm_order_lines l ON l.object_id = b.object_id AND l.order_id = b.order_id
          JOIN bm_items i ON i.object_id = l.object_id AND i.item_id = l.item_id
          ORDER BY i.item_id"
    ),
);

static ORDER_PAYER: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "SELECT f.profile_id, f.object_id, f.kind, f.name
     FROM batch b JOIN bm_payments p ON p.object_id = b.object_id AND p.order_id = b.order_id
     JOIN bm_profiles f ON f.profile_id = p.profile_id",
);

const FILTER: &[(&str, Type)] = &[
    ("user_id", Type::Int),
    ("payment_id", Type::Int),
    ("order_id", Type::Int),
    ("status", Type::Int),
    ("most", Type::Int),
];

// The filter stands in sub-selects, not in a join, so that the reading ends with the limit.
macro_rules! newest {
    ($rows:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                payment_columns!(),
                ", m.name_ru, m.name_en, u.login
                 FROM bm_payments p JOIN bm_accounts a ON a.object_id = p.object_id
                 JOIN bm_users u ON u.user_id = a.user_id
                 LEFT JOIN bm_methods m ON m.method_id = p.method_id
                 WHERE ",
                $rows,
                " AND ((SELECT user_id FROM batch) IS NULL
                       OR a.user_id = (SELECT user_id FROM batch))
                  AND ((SELECT payment_id FROM batch) IS NULL
                       OR p.payment_id = (SELECT payment_id FROM batch))
                  AND ((SELECT order_id FROM batch) IS NULL
                       OR p.order_id = (SELECT order_id FROM batch))
                  AND ((SELECT status FROM batch) IS NULL
                       OR p.status = (SELECT status FROM batch))
                  ORDER BY p.payment_id DESC LIMIT (SELECT most FROM batch)"
            ),
        )
    };
}

// Each of them by an index of its own: numbers, those of an account, a number.
static NEWEST: Statement = newest!("true");
static NEWEST_OF_CLIENT: Statement = newest!(
    "p.object_id IN (SELECT own.object_id FROM bm_accounts own
                     WHERE own.user_id = (SELECT user_id FROM batch))"
);
static BY_NUMBER: Statement = newest!("p.payment_id = (SELECT payment_id FROM batch)");
static BY_ORDER: Statement = newest!(
    "p.object_id = (SELECT n.object_id FROM bm_numbers n
                    WHERE n.number = (SELECT order_id FROM batch))"
);

static PAYMENT: Statement = Statement::read(
    &[("payment_id", Type::Int)],
    concat!(
        "SELECT ",
        payment_columns!(),
        ", m.module, a.name, a.guid_salt, a.requests_per_s
         FROM batch b JOIN bm_payments p ON p.payment_id = b.payment_id
         JOIN bm_methods m ON m.method_id = p.method_id
         JOIN aggregators a ON a.aggregator_id = p.aggregator_id"
    ),
);

impl Tables<'_> {
    /// What is in a cart, by the numbers of the line items.
    pub async fn cart(self, object: ObjectId) -> Result<Vec<(i64, Item)>, StoreError> {
        self.db.run(&CART, vec![row![object]]).await?.into_iter().map(numbered_item).collect()
    }

    /// An order of an account.
    pub async fn order(self, object: ObjectId, order: i64) -> Result<Option<Summary>, StoreError> {
        let of = || vec![row![object, order]];
        let (found, items, payer) = try_join!(
            self.db.run(&ORDER, of()),
            self.db.run(&ORDER_ITEMS, of()),
            self.db.run(&ORDER_PAYER, of()),
        )?;
        let Some(mut row) = found.into_iter().next() else { return Ok(None) };
        Ok(Some(Summary {
            order,
            total: row.get("total")?,
            currency: row.get("currency")?,
            paid: row.get::<String>("status")? == "paid",
            faq: json(&mut row, "faq")?,
            support: row.get("support")?,
            items: items.into_iter().map(numbered_item).collect::<Result<_, _>>()?,
            payer: payer.into_iter().next().map(profile).transpose()?,
        }))
    }

    /// Lists payments, the newest first.
    pub async fn payments(self, filter: PaymentFilter) -> Result<Vec<ListedPayment>, StoreError> {
        let PaymentFilter { user, id, order, status, most } = filter;
        let row = row![user, id, order, status.map(PaymentStatus::number), most];
        let read = |mut row: Row| {
            let ((_, id), payment) = rows::payment(&mut row)?;
            let method = match row.get::<Option<String>>("name_ru")? {
                Some(ru) => Some(Text { ru, en: row.get("name_en")? }),
                None => None,
            };
            let created_at = payment.created_at;
            Ok(ListedPayment { id, payment, method, login: row.get("login")?, created_at })
        };
        let statement = match (id, order, user) {
            (Some(_), _, _) => &BY_NUMBER,
            (None, Some(_), _) => &BY_ORDER,
            (None, None, Some(_)) => &NEWEST_OF_CLIENT,
            (None, None, None) => &NEWEST,
        };
        self.db.run(statement, vec![row]).await?.into_iter().map(read).collect()
    }

    /// A payment that has a page.
    pub async fn payment(self, id: i64) -> Result<Option<Payable>, StoreError> {
        let Some(mut row) = self.db.run(&PAYMENT, vec![row![id]]).await?.into_iter().next() else {
            return Ok(None);
        };
        let ((object, _), payment) = rows::payment(&mut row)?;
        let module = row.get("module")?;
        let aggregator = Aggregator {
            id: payment.aggregator,
            name: row.get("name")?,
            salt: row.get("guid_salt")?,
            requests_per_s: row.get("requests_per_s")?,
        };
        Ok(Some(Payable { object, payment, module, aggregator }))
    }
}

fn numbered_item(mut row: Row) -> Result<(i64, Item), StoreError> {
    let ((_, id), item) = rows::item(&mut row)?;
    Ok((id, item))
}
