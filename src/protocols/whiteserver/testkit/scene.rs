//! An aggregator and where it wants its answers, two restaurants and their orders.

use rusqlite::Connection;

use super::intent::{CASH, OBJECTS, ORDERS, SALT, order};
use crate::domain::money::Money;
use crate::domain::task::TaskGuid;
use crate::domain::token::TokenHash;
use crate::protocols::whiteserver::command::OrderContent;
use crate::simulation::broker::publication::USER;

/// The token of the aggregator.
pub(crate) const TOKEN: &str = "the-token-of-the-simulated";
/// The token of another aggregator, which has no tasks.
pub(crate) const OTHER: &str = "the-token-of-another";

/// What one of the restaurants offers; the other has no catalogue.
const HALLS: &str = r#"[{"guid": "01a201f0-bfcf-74b6-b2fe-00000000aa01", "name": "Hall", "tables": [
    {"guid": "01a201f0-bfcf-74b6-b2fe-00000000bb12", "code": 12, "name": "12", "seatsCount": 4}]}]"#;

/// Writes it into empty tables.
pub(crate) fn set(database: &Connection) -> rusqlite::Result<()> {
    let hash = TokenHash::of(TOKEN).0;
    let add = "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt, amqp_user)
               VALUES (1, 'simulated', ?1, ?2, ?3)";
    database.execute(add, (hash.as_slice(), SALT.as_bytes().as_slice(), USER))?;
    database.execute(
        "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
         VALUES (6, 'another', ?1, ?2)",
        (TokenHash::of(OTHER).0.as_slice(), CASH.as_bytes().as_slice()),
    )?;
    let subscription =
        "INSERT INTO mailboxes (aggregator_id, kind, answers, events, status_events, added_at, url, secret, open)
                   VALUES (1, ?1, ?2, ?3, ?3, 0, ?4, ?5, ?6)";
    let url = Some("https://simulated.example/answers");
    let secret = Some([7_u8; 32].as_slice());
    for (kind, answers, events, url, secret, open) in [
        ("results", true, false, None, None, true),
        ("replies", true, false, None, None, true),
        ("callback", true, true, url, secret, true),
        // Until somebody listens.
        ("task_queue", true, false, None, None, false),
        ("event_queue", false, true, None, None, false),
    ] {
        database.execute(subscription, (kind, answers, events, url, secret, open))?;
    }
    for (object, version) in OBJECTS.into_iter().zip(["v1", "v2"]) {
        let id = object.0;
        let add = "INSERT INTO objects (object_id, name, agent_version, agent_guid, cancel_paid)
                   VALUES (?1, 'Restaurant', ?2, ?3, 1)";
        let agent = TaskGuid::derived(SALT, version);
        database.execute(add, (id, version, agent.0.as_bytes().as_slice()))?;
        database.execute("INSERT INTO licences VALUES (1, ?1)", [id])?;
        let add = "INSERT INTO currencies VALUES (?1, ?2, 'Cash', 'cash')";
        database.execute(add, (id, CASH.as_bytes().as_slice()))?;
        if object == OBJECTS[0] {
            database.execute("INSERT INTO catalogues VALUES (?1, 1, 0, 0, NULL)", [id])?;
            let add = "INSERT INTO catalogue_sections VALUES (?1, 'halls', 1, 0, ?2)";
            database.execute(add, (id, HALLS))?;
        }
        for number in 0..ORDERS {
            let (guid, total) = order(object, number);
            assert!(Money::from_kopecks(total).is_some());
            let add = "INSERT INTO orders (object_id, order_guid, status, total, paid, created_at,
                                           content, version)
                       VALUES (?1, ?2, 'Created', ?3, 0, 0, ?4, 1)";
            let content = serde_json::to_string(&OrderContent::default()).unwrap();
            database.execute(add, (id, guid.as_bytes().as_slice(), total, content))?;
        }
    }
    Ok(())
}
