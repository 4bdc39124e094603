//! Objects and what they accept, as an operator sees and changes them: what exists is never replaced by an `add`,
//! and a change touches the fields that were named and no others, whoever else changes the same row.

use uuid::Uuid;

use super::Tables;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::{CurrencyGuid, ObjectId};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::model::{AgentVersion, CurrencyKind, Permits};

/// A restaurant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its number in the licensing system.
    pub id: ObjectId,
    /// A name for people.
    pub name: String,
    /// How its agent takes payments.
    pub agent_version: AgentVersion,
    /// Its agent, as answers name it.
    pub agent_guid: Uuid,
    /// Its own default deadline in seconds, 1 to 3600; `None`: the service's.
    pub timeout_s: Option<i64>,
    /// What it permits beyond the ordinary.
    pub permits: Permits,
    /// Where its clocks are: local times of it are in this zone.
    pub time_zone: TimeZone,
}

/// A currency of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// The restaurant.
    pub object: ObjectId,
    /// Its guid on the wire.
    pub guid: CurrencyGuid,
    /// A name for people.
    pub name: String,
    /// What kind of payment it is.
    pub kind: CurrencyKind,
}

/// New values for some fields of an object; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectChange {
    /// A name for people.
    pub name: Option<String>,
    /// How its agent takes payments.
    pub agent_version: Option<AgentVersion>,
    /// Its agent, as answers name it.
    pub agent_guid: Option<Uuid>,
    /// Its own default deadline in seconds; `Some(None)`: the service's from now on.
    pub timeout_s: Option<Option<i64>>,
    /// Whether closed orders may be listed.
    pub closed_orders: Option<bool>,
    /// Whether the orders of all tables may be listed.
    pub all_tables: Option<bool>,
    /// Whether a paid order may be cancelled.
    pub cancel_paid: Option<bool>,
    /// What prepayments that name no currency are paid with; `Some(None)`: nothing from now on.
    pub prepay_currency: Option<Option<CurrencyGuid>>,
    /// For how many seconds its orders wait for acceptance; `Some(None)`: they need none from now on.
    pub accept_within_s: Option<Option<i64>>,
    /// Where its clocks are.
    pub time_zone: Option<TimeZone>,
}

static OBJECTS: Statement = Statement::read(
    &[],
    "SELECT object_id, name, agent_version, agent_guid, timeout_s, closed_orders, all_tables,
            cancel_paid, prepay_currency, accept_within_s, time_zone
     FROM objects ORDER BY object_id",
);

static CURRENCIES: Statement = Statement::read(
    &[],
    "SELECT object_id, currency_guid, name, kind FROM currencies ORDER BY object_id, name",
);

static ADD_OBJECT: Statement = Statement::insert(
    "objects",
    &[
        ("object_id", Type::Int),
        ("name", Type::Text),
        ("agent_version", Type::Text),
        ("agent_guid", Type::Uuid),
        ("timeout_s", Type::Int),
        ("closed_orders", Type::Bool),
        ("all_tables", Type::Bool),
        ("cancel_paid", Type::Bool),
        ("prepay_currency", Type::Uuid),
        ("accept_within_s", Type::Int),
        ("time_zone", Type::Text),
    ],
    "ON CONFLICT (object_id) DO NOTHING RETURNING object_id",
);

static CHANGE_OBJECT: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("name", Type::Text),
        ("agent_version", Type::Text),
        ("agent_guid", Type::Uuid),
        ("timeout_changes", Type::Bool),
        ("timeout_s", Type::Int),
        ("closed_orders", Type::Bool),
        ("all_tables", Type::Bool),
        ("cancel_paid", Type::Bool),
        ("prepay_currency_changes", Type::Bool),
        ("prepay_currency", Type::Uuid),
        ("acceptance_changes", Type::Bool),
        ("accept_within_s", Type::Int),
        ("time_zone", Type::Text),
    ],
    "UPDATE objects SET
        name = coalesce(b.name, objects.name),
        agent_version = coalesce(b.agent_version, objects.agent_version),
        agent_guid = coalesce(b.agent_guid, objects.agent_guid),
        timeout_s = CASE WHEN b.timeout_changes THEN b.timeout_s ELSE objects.timeout_s END,
        closed_orders = coalesce(b.closed_orders, objects.closed_orders),
        all_tables = coalesce(b.all_tables, objects.all_tables),
        cancel_paid = coalesce(b.cancel_paid, objects.cancel_paid),
        prepay_currency = CASE WHEN b.prepay_currency_changes THEN b.prepay_currency
                               ELSE objects.prepay_currency END,
        accept_within_s = CASE WHEN b.acceptance_changes THEN b.accept_within_s
                               ELSE objects.accept_within_s END,
         time_zone = coalesce(b.time_zone, objects.time_zone)
     FROM batch b WHERE objects.object_id = (SELECT object_id FROM batch)
     RETURNING objects.object_id",
);

static ADD_CURRENCY: Statement = Statement::insert(
    "currencies",
    &[
        ("object_id", Type::Int),
        ("currency_guid", Type::Uuid),
        ("name", Type::Text),
        ("kind", Type::Text),
    ],
    "ON CONFLICT (object_id, currency_guid) DO NOTHING RETURNING object_id",
);

impl Tables<'_> {
    /// Every object.
    pub async fn objects(self) -> Result<Vec<Object>, StoreError> {
        let read = |mut row: Row| {
            Ok(Object {
                id: row.get("object_id")?,
                name: row.get("name")?,
                agent_version: row.word("agent_version")?,
                agent_guid: row.get("agent_guid")?,
                timeout_s: row.get("timeout_s")?,
                permits: Permits {
                    closed_orders: row.get("closed_orders")?,
                    all_tables: row.get("all_tables")?,
                    cancel_paid: row.get("cancel_paid")?,
                    prepay_currency: row.get("prepay_currency")?,
                    accept_within_s: row.get("accept_within_s")?,
                },
                time_zone: TimeZone::stored(&row.get::<String>("time_zone")?),
            })
        };
        self.db.run(&OBJECTS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Every currency, by object.
    pub async fn currencies(self) -> Result<Vec<Currency>, StoreError> {
        let read = |mut row: Row| {
            Ok(Currency {
                object: row.get("object_id")?,
                guid: row.get("currency_guid")?,
                name: row.get("name")?,
                kind: row.word("kind")?,
            })
        };
        self.db.run(&CURRENCIES, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds an object; `false`, and nothing is changed, when there is one with its number.
    pub async fn add_object(self, object: &Object) -> Result<bool, StoreError> {
        let Object { id, name, agent_version, agent_guid, timeout_s, permits, time_zone } = object;
        let row = row![
            *id,
            name.as_str(),
            agent_version.as_str(),
            *agent_guid,
            *timeout_s,
            permits.closed_orders,
            permits.all_tables,
            permits.cancel_paid,
            permits.prepay_currency,
            permits.accept_within_s,
            time_zone.name(),
        ];
        Ok(!self.db.run(&ADD_OBJECT, vec![row]).await?.is_empty())
    }

    /// Changes an object; `false` when there is none with this number.
    pub async fn change_object(
        self,
        id: ObjectId,
        change: &ObjectChange,
    ) -> Result<bool, StoreError> {
        let row = row![
            id,
            change.name.as_deref(),
            change.agent_version.map(AgentVersion::as_str),
            change.agent_guid,
            change.timeout_s.is_some(),
            change.timeout_s.flatten(),
            change.closed_orders,
            change.all_tables,
            change.cancel_paid,
            change.prepay_currency.is_some(),
            change.prepay_currency.flatten(),
            change.accept_within_s.is_some(),
            change.accept_within_s.flatten(),
            change.time_zone.as_ref().map(TimeZone::name),
        ];
        Ok(!self.db.run(&CHANGE_OBJECT, vec![row]).await?.is_empty())
    }

    /// Adds a currency to an object, which must exist; `false`, and nothing is changed, when the object
    /// has one with its guid.
    pub async fn add_currency(self, currency: &Currency) -> Result<bool, StoreError> {
        let Currency { object, guid, name, kind } = currency;
        let row = row![*object, *guid, name.as_str(), kind.as_str()];
        Ok(!self.db.run(&ADD_CURRENCY, vec![row]).await?.is_empty())
    }
}
