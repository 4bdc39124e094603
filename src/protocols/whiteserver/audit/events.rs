//! Events for aggregators: of orders that there are, and what they say of where these stand.

use serde_json::{Value, json};

use crate::database::{Row, StoreError};
use crate::domain::task::{ObjectId, OrderGuid};
use crate::engine::protocol::audit::{Broken, Check, Example, Pass, Rows};
use crate::protocols::whiteserver::model::OrderStatus;

pub(crate) const PASSES: &[Pass] = &[EVENTS];

const HAS_ORDER: &str = "event-has-its-order";
const SAYS_HOW: &str = "status-event-says-how-its-order-stands";

// Events of an older version have no number, and nothing is known of the change that they are of.
const EVENTS: Pass = Pass {
    checks: &[
        Check {
            name: HAS_ORDER,
            rule: "an event is of an order of its object, and of a change that the order counted",
        },
        Check {
            name: SAYS_HOW,
            rule: "an event that tells where an order stands after its last change says what the order says",
        },
    ],
    rows: Rows::Read(read),
    body: "SELECT e.object_id, e.event_guid, e.order_guid, e.version, e.event_type, e.body,
                  o.version AS last, o.status, o.acceptance, o.bill_printed, o.substate,
                  o.reject_code, o.reject_message
         FROM events e
         LEFT JOIN orders o ON o.object_id = e.object_id AND o.order_guid = e.order_guid
         WHERE {of e.object_id} AND e.version IS NOT NULL
           AND (o.order_guid IS NULL OR e.version > o.version
                OR (e.event_type = 'OrderStatusChanged' AND e.version = o.version))",
};

fn read(row: &mut Row) -> Result<Option<Broken>, StoreError> {
    let (object, event, order): (ObjectId, uuid::Uuid, OrderGuid) =
        (row.get("object_id")?, row.get("event_guid")?, row.get("order_guid")?);
    let (version, last): (i64, Option<i64>) = (row.get("version")?, row.get("last")?);
    let event_type: String = row.get("event_type")?;
    let check = match last {
        Some(last) if last == version => SAYS_HOW,
        _ => HAS_ORDER,
    };
    if check == SAYS_HOW && told(&row.get::<String>("body")?) == stands(row)? {
        return Ok(None);
    }
    let example = Example(vec![
        ("objectId", object.0.into()),
        ("orderGuid", order.to_string().into()),
        ("eventGuid", event.to_string().into()),
        ("eventType", event_type.into()),
        ("orderVersion", version.into()),
        ("lastVersion", last.into()),
    ]);
    Ok(Some(Broken { check: check.to_owned(), example }))
}

/// Where the order stood, as its event says.
fn told(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    json!([
        body["status"]["value"],
        body["status"]["isBillPrinted"],
        body["substate"],
        body["rejectingReason"]
    ])
}

/// The same as its row says.
fn stands(row: &mut Row) -> Result<Value, StoreError> {
    let acceptance: Option<String> = row.get("acceptance")?;
    let status = OrderStatus::of_stored(row.word("status")?, acceptance.as_deref());
    let (code, message): (Option<String>, Option<String>) =
        (row.get("reject_code")?, row.get("reject_message")?);
    let reason = code.map(|code| json!({"code": code, "message": message}));
    let (bill, substate): (bool, Option<String>) = (row.get("bill_printed")?, row.get("substate")?);
    Ok(json!([status.as_str(), bill, substate, reason]))
}
