//! One provider with two price lists, an administrator, and a client with a balance for a few orders.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use rusqlite::Connection;
use uuid::{Uuid, uuid};

use crate::domain::token::TokenHash;

/// A user: the login and the password.
pub(super) type User = (&'static str, &'static str);

pub(super) const ADMINISTRATOR: User = ("admin", "the password of the administrator");
pub(super) const CLIENT: User = ("client", "the password of the client");
/// The salt of the administrator's guids.
pub(super) const ADMINISTRATORS_SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000004");
/// The salt of the client's guids.
pub(super) const CLIENTS_SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000005");
pub(super) const PROMOCODE: &str = "IDDQD";
/// What costs something, and what is free.
pub(super) const PRICELISTS: [(i64, &str); 2] = [(2, "vds"), (3, "soft")];
/// A method that is paid on its page, and one that an administrator confirms.
pub(super) const PAGE: i64 = 3;
pub(super) const BANK: i64 = 15;
pub(super) const PAYER: i64 = 1;

/// Services at another provider that are renewed for a day, and how long ago what was paid for has ended, in hours: as
/// after downtime.
pub(super) const SERVICES: [(i64, i64); 2] = [(900_001, 3 * 24 + 12), (900_002, 10 * 24 + 1)];

/// The object of the account of the services.
const OTHER_OBJECT: i64 = OBJECT + 1;
/// In kopecks, each day one: not enough for all that was missed.
const OTHER_BALANCE: i64 = 9;

/// The account's object.
const OBJECT: i64 = 2_000_000_000_000_000;
/// In kopecks: enough for two or three orders.
const BALANCE: i64 = 2_500;

/// Writes it into empty tables.
pub(crate) fn set(database: &Connection) -> rusqlite::Result<()> {
    set_catalogue(database)?;
    let users = [(4, ADMINISTRATOR, ADMINISTRATORS_SALT, 30), (5, CLIENT, CLIENTS_SALT, 16)];
    for (aggregator, (login, password), salt, level) in users {
        database.execute(
            "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
             VALUES (?1, ?2, ?3, ?4)",
            (
                aggregator,
                format!("billmanager-user-{login}"),
                TokenHash::of(login).0.as_slice(),
                salt.as_bytes().as_slice(),
            ),
        )?;
        database.execute(
            "INSERT INTO bm_users (user_id, login, password_hash, level, aggregator_id)
             VALUES (?1, ?2, ?3, ?4, ?1)",
            (aggregator, login, hash(password), level),
        )?;
    }
    database.execute(
        "INSERT INTO bm_accounts (object_id, provider_id, user_id, currency, balance)
         VALUES (?1, 1, 5, 'RUB', ?2)",
        (OBJECT, BALANCE),
    )?;
    database.execute(
        "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, note, entered_at)
         VALUES (?1, ?2, 0, 'deposit', ?3, 'in cash', 0)",
        (OBJECT, CLIENTS_SALT.as_bytes().as_slice(), BALANCE),
    )?;
    set_services(database)?;
    database.execute(
        "INSERT INTO bm_profiles VALUES (?1, ?2, 'person', 'notav@example.com')",
        (PAYER, OBJECT),
    )?;
    Ok(())
}

/// What was ordered for nothing, and costs a kopeck a day since.
fn set_services(database: &Connection) -> rusqlite::Result<()> {
    const HOUR: i64 = 3_600_000_000;
    // Past a store's own connections there is no clock to be late by.
    if database.prepare("SELECT wsa_now()").is_err() {
        return Ok(());
    }
    let task = ADMINISTRATORS_SALT.as_bytes().as_slice();
    database.execute(
        "INSERT INTO bm_accounts (object_id, provider_id, user_id, currency, balance)
         VALUES (?1, 2, 5, 'RUB', ?2)",
        (OTHER_OBJECT, OTHER_BALANCE),
    )?;
    database.execute(
        "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, note, entered_at)
         VALUES (?1, ?2, 0, 'deposit', ?3, 'in cash', 0)",
        (OTHER_OBJECT, task, OTHER_BALANCE),
    )?;
    for (id, ago) in SERVICES {
        // Each was made by a task of its own, which is long forgotten.
        let task = Uuid::from_u128(id as u128);
        let task = task.as_bytes().as_slice();
        database.execute(
            "INSERT INTO bm_items (object_id, item_id, pricelist_id, itemtype, name_ru, name_en,
                 period, autoprolong, configuration, currency, price, status, task_guid, added_at,
                 renewals)
             VALUES (?1, ?2, 4, 'vds', 'Day', 'Day', -50, true, '[]', 'RUB', 0, 'ordered', ?3, 0,
                     '{\"-50\": 0.01}')",
            (OTHER_OBJECT, id, task),
        )?;
        database.execute(
            "INSERT INTO bm_orders (object_id, order_id, status, total, currency, task_guid,
                 created_at, paid_at, paid_by) VALUES (?1, ?2, 'paid', 0, 'RUB', ?3, 0, 0, ?3)",
            (OTHER_OBJECT, id + 1_000, task),
        )?;
        database.execute(
            "INSERT INTO bm_order_lines (object_id, item_id, order_id, amount)
             VALUES (?1, ?2, ?3, 0)",
            (OTHER_OBJECT, id, id + 1_000),
        )?;
        database.execute(
            "INSERT INTO bm_periods (object_id, item_id, starts_at, ends_at, period, amount,
                 task_guid, begun_at)
             SELECT ?1, ?2, wsa_now() - ?3 - ?4, wsa_now() - ?3, -50, 0, ?5, 0",
            (OTHER_OBJECT, id, ago * HOUR, 24 * HOUR, task),
        )?;
        database.execute(
            "INSERT INTO bm_services (object_id, item_id, order_id, status, autoprolong_period,
                 ordered_at, opened_at, expires_at, anchor_day, look_at, changed_at, changed_by)
             SELECT p.object_id, p.item_id, ?2, 'active', -50, 0, p.starts_at, p.ends_at, 1,
                    p.ends_at, 0, p.task_guid
             FROM bm_periods p WHERE p.item_id = ?1",
            (id, id + 1_000),
        )?;
    }
    Ok(())
}

fn set_catalogue(database: &Connection) -> rusqlite::Result<()> {
    database.execute_batch(
        "INSERT INTO bm_providers (provider_id, name) VALUES (1, 'Hosting'), (2, 'Other');
         INSERT INTO bm_itemtypes VALUES ('vds', 'VDS', 'VDS', false), ('soft', 'Soft', 'Soft', false);
         INSERT INTO bm_pricelists (pricelist_id, provider_id, itemtype, name_ru, name_en, currency, active)
             VALUES
             (2, 1, 'vds', 'Server', 'Server', 'RUB', true), (3, 1, 'soft', 'Trial', 'Trial', 'RUB', true);
         UPDATE bm_pricelists SET refund = 'days' WHERE pricelist_id = 2;
         INSERT INTO bm_prices VALUES (2, 1, 1001), (3, 1, 0);
         INSERT INTO bm_methods VALUES
             (3, 1, 'yc', 'Card', 'Card', true, true, true, true, '{}'),
             (15, 1, 'bank', 'Bank', 'Bank', true, false, false, true, '{}');",
    )?;
    let code = "INSERT INTO bm_promocodes VALUES (1, ?1, 15, NULL)";
    database.execute(code, [PROMOCODE]).map(drop)
}

/// Nobody attacks it, so it takes no longer than it must.
fn hash(password: &str) -> String {
    let quick = Params::new(8, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, quick);
    argon2.hash_password(password.as_bytes()).unwrap().to_string()
}
