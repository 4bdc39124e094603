//! The list of payments.

use jiff::Timestamp;

use super::rows::{self, payment_columns};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::Payment;
use crate::protocols::billmanager::sql::Tables;

/// The most payments of a list.
pub const MOST_PAYMENTS: i64 = 500;

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
    /// The name of its payer, when it has one.
    pub sender: Option<String>,
    /// The name of the provider.
    pub recipient: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which payments to list; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaymentFilter {
    /// Of this client.
    pub user: Option<i64>,
    /// With this number.
    pub id: Option<i64>,
    /// With this number, by the name of its column.
    pub number: Option<i64>,
    /// Of this order.
    pub order: Option<i64>,
    /// In one of these states, like `,1,4,`.
    pub statuses: Option<String>,
    /// By one of these methods, like `,0,3,`.
    pub methods: Option<String>,
    /// At one of these providers, like `,1,`.
    pub providers: Option<String>,
    /// Made at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Made before this moment.
    pub created_before: Option<Timestamp>,
    /// Of a payer with this number or name.
    pub sender: Option<String>,
    /// To a provider with this number or name.
    pub recipient: Option<String>,
    /// Of the client with this login.
    pub login: Option<String>,
    /// At most so many, the newest.
    pub most: i64,
    /// After so many.
    pub skip: i64,
}

const FILTER: &[(&str, Type)] = &[
    ("user_id", Type::Int),
    ("payment_id", Type::Int),
    ("order_id", Type::Int),
    ("number", Type::Int),
    ("statuses", Type::Text),
    ("methods", Type::Text),
    ("providers", Type::Text),
    ("created_from", Type::Time),
    ("created_before", Type::Time),
    ("sender", Type::Text),
    ("sender_id", Type::Int),
    ("recipient", Type::Text),
    ("recipient_id", Type::Int),
    ("login", Type::Text),
    ("most", Type::Int),
    ("skip", Type::Int),
];

/// A condition that holds when its value of the filter is absent.
macro_rules! unless_null {
    ($($column:literal: $condition:literal),* $(,)?) => {
        concat!($("
                  AND ((SELECT ", $column, " FROM batch) IS NULL OR ", $condition, ")"),*)
    };
}

// The filter stands in sub-selects, not in a join, so that the reading ends with the limit; and in an expression, so that
// nobody takes the payments for so few that it pays to read all of them first.
macro_rules! newest {
    ($payments:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                payment_columns!(),
                ", m.name_ru, m.name_en, u.login, f.name AS sender, v.name AS recipient
                 FROM ",
                $payments,
                " {one bm_users u: user_id = a.user_id}
                 {one bm_providers v: provider_id = a.provider_id}
                 {left one bm_methods m: method_id = p.method_id}
                 {left one bm_profiles f: profile_id = p.profile_id}
                 WHERE CASE WHEN true",
                unless_null!(
                    "user_id": "a.user_id = (SELECT user_id FROM batch)",
                    "payment_id": "p.payment_id = (SELECT payment_id FROM batch)",
                    "number": "p.payment_id = (SELECT number FROM batch)",
                    "order_id": "p.order_id = (SELECT order_id FROM batch)",
                    "statuses": "(SELECT statuses FROM batch)
                                 LIKE '%,' || CAST(p.status AS text) || ',%'",
                    "methods": "(SELECT methods FROM batch)
                                LIKE '%,' || CAST(p.method_id AS text) || ',%'",
                    "providers": "(SELECT providers FROM batch)
                                  LIKE '%,' || CAST(a.provider_id AS text) || ',%'",
                    "created_from": "p.created_at >= (SELECT created_from FROM batch)",
                    "created_before": "p.created_at < (SELECT created_before FROM batch)",
                    "sender": "f.name = (SELECT sender FROM batch)
                               OR f.profile_id = (SELECT sender_id FROM batch)",
                    "recipient": "v.name = (SELECT recipient FROM batch)
                                  OR v.provider_id = (SELECT recipient_id FROM batch)",
                    "login": "u.login = (SELECT login FROM batch)",
                ),
                " THEN 1 ELSE 0 END = 1 ORDER BY p.payment_id DESC
                  LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)"
            ),
        )
    };
}

// Each of them by an index of its own: numbers, those of an account, a number.
static NEWEST: Statement = newest!("bm_payments p {one bm_accounts a: object_id = p.object_id}");
static NEWEST_OF_CLIENT: Statement =
    newest!("batch b {all bm_accounts a: user_id} {all bm_payments p: object_id = a.object_id}");
static BY_NUMBER: Statement =
    newest!("batch b {all bm_payments p: payment_id} {one bm_accounts a: object_id = p.object_id}");
static BY_ORDER: Statement = newest!(
    "batch b {one bm_numbers n: number = b.order_id}
     {one bm_payments p: object_id = n.object_id, order_id = b.order_id}
     {one bm_accounts a: object_id = p.object_id}"
);

impl Tables<'_> {
    /// Lists payments, the newest first.
    pub async fn payments(self, filter: PaymentFilter) -> Result<Vec<ListedPayment>, StoreError> {
        let PaymentFilter { user, id, order, .. } = filter;
        let number = |text: &Option<String>| text.as_deref().and_then(whole);
        let row = row![
            user,
            id,
            order,
            filter.number,
            filter.statuses.as_deref(),
            filter.methods.as_deref(),
            filter.providers.as_deref(),
            filter.created_from,
            filter.created_before,
            filter.sender.as_deref(),
            number(&filter.sender),
            filter.recipient.as_deref(),
            number(&filter.recipient),
            filter.login.as_deref(),
            filter.most,
            filter.skip,
        ];
        let read = |mut row: Row| {
            let ((_, id), payment) = rows::payment(&mut row)?;
            let method = match row.get::<Option<String>>("name_ru")? {
                Some(ru) => Some(Text { ru, en: row.get("name_en")? }),
                None => None,
            };
            let created_at = payment.created_at;
            let (login, sender) = (row.get("login")?, row.get("sender")?);
            let recipient = row.get("recipient")?;
            Ok(ListedPayment { id, payment, method, login, sender, recipient, created_at })
        };
        let statement = match (id, order, user) {
            (Some(_), _, _) => &BY_NUMBER,
            (None, Some(_), _) => &BY_ORDER,
            (None, None, Some(_)) => &NEWEST_OF_CLIENT,
            (None, None, None) => &NEWEST,
        };
        self.db.run(statement, vec![row]).await?.into_iter().map(read).collect()
    }
}
