//! One event with few tickets, and a promo code for two orders.

use rusqlite::Connection;
use uuid::{Uuid, uuid};

use crate::domain::token::TokenHash;

/// The header of whoever sells the event.
pub(super) const KEY: (&str, &str) = ("Authorization", "key the-key-of-the-simulated");
/// The salt of its guids.
pub(super) const SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000002");
pub(super) const EVENT: &str = "0000000000000000000000e1";
/// Stalls and balcony, with this many tickets each.
pub(super) const SETS: [(&str, usize); 2] =
    [("0000000000000000000000a1", 3), ("0000000000000000000000a2", 2)];
pub(super) const PROMOCODE: &str = "HALF";

const PARTNER: &str = "0000000000000000000000c1";

/// A ticket of a set.
pub(super) fn ticket(set: usize, number: usize) -> String {
    format!("{:024x}", 0xf00 + set * 16 + number)
}

/// Writes it into empty tables.
pub(crate) fn set(database: &Connection) -> rusqlite::Result<()> {
    let token = KEY.1.trim_start_matches("key ");
    database.execute(
        "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
         VALUES (2, 'ticketscloud-key-simulated', ?1, ?2)",
        (TokenHash::of(token).0.as_slice(), SALT.as_bytes().as_slice()),
    )?;
    database.execute("INSERT INTO tc_partners VALUES (?1, 'Theatre')", [PARTNER])?;
    // Whose the event is while the right to sell it is withdrawn.
    let other = "INSERT INTO tc_partners VALUES ('0000000000000000000000c2', 'Museum')";
    database.execute(other, [])?;
    database.execute("INSERT INTO tc_keys VALUES (2, ?1, 'simulated')", [PARTNER])?;
    let system = "INSERT INTO tc_systems VALUES ('0000000000000000000000b1', 'api/BASE')";
    database.execute(system, [])?;
    let event = "INSERT INTO tc_events (event_id, org, name) VALUES (?1, ?2, 'Concert')";
    database.execute(event, [EVENT, PARTNER])?;
    let object = database.last_insert_rowid();
    for (number, (id, tickets)) in SETS.into_iter().enumerate() {
        database.execute(
            "INSERT INTO tc_sets (object_id, set_id, name, amount) VALUES (?1, ?2, 'Set', ?3)",
            (object, id, i64::try_from(tickets).unwrap()),
        )?;
        let rule = format!("{:024x}", 0xd00 + number);
        let price = 10_000 + 2_511 * i64::try_from(number).unwrap();
        database.execute(
            "INSERT INTO tc_rules VALUES (?1, ?2, ?3, ?4, 500, NULL, NULL)",
            (object, rule, id, price),
        )?;
        for ticket_number in 0..tickets {
            database.execute(
                "INSERT INTO tc_tickets (object_id, ticket_id, set_id) VALUES (?1, ?2, ?3)",
                (object, ticket(number, ticket_number), id),
            )?;
        }
    }
    database.execute(
        "INSERT INTO tc_promocodes (object_id, promocode_id, code, percent, uses)
         VALUES (?1, '0000000000000000000000d1', ?2, 5000, 2)",
        (object, PROMOCODE),
    )?;
    Ok(())
}
