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
    database.execute(
        "INSERT INTO bm_profiles VALUES (?1, ?2, 'person', 'notav@example.com')",
        (PAYER, OBJECT),
    )?;
    Ok(())
}

fn set_catalogue(database: &Connection) -> rusqlite::Result<()> {
    database.execute_batch(
        "INSERT INTO bm_providers (provider_id, name) VALUES (1, 'Hosting');
         INSERT INTO bm_itemtypes VALUES ('vds', 'VDS', 'VDS', false), ('soft', 'Soft', 'Soft', false);
         INSERT INTO bm_pricelists (pricelist_id, provider_id, itemtype, name_ru, name_en, currency, active)
             VALUES
             (2, 1, 'vds', 'Server', 'Server', 'RUB', true), (3, 1, 'soft', 'Trial', 'Trial', 'RUB', true);
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
