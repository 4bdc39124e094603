//! The list of services.

use jiff::Timestamp;

use super::rows::{self, item_columns, service_columns};
use crate::database::{Row, Statement, StoreError, Type, Value, row};
use crate::domain::task::ObjectId;
use crate::protocols::billmanager::model::{Item, Service};
use crate::protocols::billmanager::sql::Tables;

/// The most services of a list.
pub const MOST_SERVICES: i64 = 500;

/// A service in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedService {
    /// Its account.
    pub object: ObjectId,
    /// Its number, and that of its line item.
    pub id: i64,
    /// What was ordered.
    pub item: Item,
    /// What became of it.
    pub service: Service,
    /// Whose it is.
    pub login: String,
    /// The provider.
    pub provider: i64,
    /// Its name.
    pub provider_name: String,
}

/// Which services to list; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceFilter {
    /// Of this client.
    pub user: Option<i64>,
    /// With this number.
    pub id: Option<i64>,
    /// Of this order.
    pub order: Option<i64>,
    /// Of this kind of product.
    pub itemtype: Option<String>,
    /// Of these price lists, like `,1,4,`.
    pub pricelists: Option<String>,
    /// In one of these states, like `,active,suspended,`.
    pub statuses: Option<String>,
    /// At one of these providers, like `,1,`.
    pub providers: Option<String>,
    /// With this address.
    pub ip: Option<String>,
    /// Of the client with this login.
    pub login: Option<String>,
    /// Paid for until this moment or longer.
    pub expires_from: Option<Timestamp>,
    /// Paid for until before this moment.
    pub expires_before: Option<Timestamp>,
    /// At most so many, the newest.
    pub most: i64,
    /// After so many.
    pub skip: i64,
}

const FILTER: &[(&str, Type)] = &[
    ("user_id", Type::Int),
    ("item_id", Type::Int),
    ("order_id", Type::Int),
    ("itemtype", Type::Text),
    ("pricelists", Type::Text),
    ("statuses", Type::Text),
    ("providers", Type::Text),
    ("ip", Type::Text),
    ("login", Type::Text),
    ("expires_from", Type::Time),
    ("expires_before", Type::Time),
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

// As the list of payments: sub-selects, so that the reading ends with the limit, in an expression.
macro_rules! listed {
    ($services:literal, $order:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                item_columns!(),
                ", ",
                service_columns!(),
                ", u.login, v.provider_id, v.name AS provider_name
                 FROM ",
                $services,
                " {one bm_items i: object_id = s.object_id, item_id = s.item_id}
                 {one bm_users u: user_id = a.user_id}
                 {one bm_providers v: provider_id = a.provider_id}
                 WHERE CASE WHEN true",
                unless_null!(
                    "user_id": "a.user_id = (SELECT user_id FROM batch)",
                    "item_id": "s.item_id = (SELECT item_id FROM batch)",
                    "order_id": "s.order_id = (SELECT order_id FROM batch)",
                    "itemtype": "i.itemtype = (SELECT itemtype FROM batch)",
                    "pricelists": "(SELECT pricelists FROM batch)
                                   LIKE '%,' || CAST(i.pricelist_id AS text) || ',%'",
                    "statuses": "(SELECT statuses FROM batch) LIKE '%,' || s.status || ',%'",
                    "providers": "(SELECT providers FROM batch)
                                  LIKE '%,' || CAST(a.provider_id AS text) || ',%'",
                    "ip": "s.ip = (SELECT ip FROM batch)",
                    "login": "u.login = (SELECT login FROM batch)",
                    "expires_from": "s.expires_at >= (SELECT expires_from FROM batch)",
                    "expires_before": "s.expires_at < (SELECT expires_before FROM batch)",
                ),
                " THEN 1 ELSE 0 END = 1 ORDER BY ",
                $order,
                " LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)"
            ),
        )
    };
}

// Each of them by an index of its own: numbers, those of an account, a number.
static NEWEST: Statement =
    listed!("bm_services s {one bm_accounts a: object_id = s.object_id}", "s.item_id DESC");
static NEWEST_OF_CLIENT: Statement = listed!(
    "batch b {all bm_accounts a: user_id} {all bm_services s: object_id = a.object_id}",
    "s.item_id DESC"
);
static BY_NUMBER: Statement = listed!(
    "batch b {all bm_services s: item_id} {one bm_accounts a: object_id = s.object_id}",
    "s.item_id DESC"
);
static BY_ORDER: Statement = listed!(
    "batch b {one bm_numbers n: number = b.order_id}
     {all bm_order_lines l: object_id = n.object_id, order_id = b.order_id}
     {one bm_services s: object_id = l.object_id, item_id = l.item_id}
     {one bm_accounts a: object_id = s.object_id}",
    "s.item_id DESC"
);
// Only those of which something is pending.
static PENDING: Statement = listed!(
    "(SELECT w.* FROM bm_services w WHERE w.pending IS NOT NULL ORDER BY w.changed_at, w.item_id) AS s
     {one bm_accounts a: object_id = s.object_id}",
    "s.changed_at, s.item_id"
);

impl Tables<'_> {
    /// Lists services, the newest first.
    pub async fn services(self, filter: ServiceFilter) -> Result<Vec<ListedService>, StoreError> {
        let ServiceFilter { user, id, order, .. } = filter;
        let row = values(&filter);
        let statement = match (id, order, user) {
            (Some(_), _, _) => &BY_NUMBER,
            (None, Some(_), _) => &BY_ORDER,
            (None, None, Some(_)) => &NEWEST_OF_CLIENT,
            (None, None, None) => &NEWEST,
        };
        self.db.run(statement, vec![row]).await?.into_iter().map(listed).collect()
    }
}

impl Tables<'_> {
    /// Lists services of which something is pending, the longest unchanged first.
    pub async fn pending_services(
        self,
        filter: ServiceFilter,
    ) -> Result<Vec<ListedService>, StoreError> {
        self.db.run(&PENDING, vec![values(&filter)]).await?.into_iter().map(listed).collect()
    }
}

fn values(filter: &ServiceFilter) -> Vec<Value> {
    row![
        filter.user,
        filter.id,
        filter.order,
        filter.itemtype.as_deref(),
        filter.pricelists.as_deref(),
        filter.statuses.as_deref(),
        filter.providers.as_deref(),
        filter.ip.as_deref(),
        filter.login.as_deref(),
        filter.expires_from,
        filter.expires_before,
        filter.most,
        filter.skip,
    ]
}

/// From a row of a list.
fn listed(mut row: Row) -> Result<ListedService, StoreError> {
    let service = rows::service(&mut row)?;
    let (login, provider) = (row.get("login")?, row.get("provider_id")?);
    let provider_name = row.get("provider_name")?;
    let ((object, id), item) = rows::item(&mut row)?;
    Ok(ListedService { object, id, item, service, login, provider, provider_name })
}
