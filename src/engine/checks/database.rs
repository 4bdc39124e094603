//! Whether a PostgreSQL database can keep what is promised.

use super::Finding;
use crate::database::ServerFacts;

/// The oldest PostgreSQL that the tests run on.
const OLDEST: i64 = 150_000;

/// Everything that is wrong, what weighs most first.
pub fn judge(facts: &ServerFacts, allow_unsafe_durability: bool) -> Vec<Finding> {
    let mut found: Vec<_> = [encoding(facts), pooler(facts)].into_iter().flatten().collect();
    if let Some(flaw) = durability(facts) {
        found.push(match allow_unsafe_durability {
            true => Finding::Warn(format!(
                "{flaw} in PostgreSQL: accepted tasks may be lost with its power"
            )),
            false => Finding::Refuse(format!(
                "{flaw} in PostgreSQL, so a commit may be lost: switch it on, or set \
                 store.allow_unsafe_durability = true"
            )),
        });
    }
    found.extend(read_only(facts));
    if facts.statement_timeout == "0" {
        found.push(Finding::Warn(
            "no statement_timeout bounds single statements in PostgreSQL: behind a pooler this program cannot set one; \
             ALTER ROLE ... SET statement_timeout = '10s' does"
                .into(),
        ));
    }
    if facts.version < OLDEST {
        let (version, oldest) = (facts.version / 10_000, OLDEST / 10_000);
        found.push(Finding::Warn(format!(
            "PostgreSQL is of version {version}: this program is tested with {oldest} and newer"
        )));
    }
    found
}

fn encoding(facts: &ServerFacts) -> Option<Finding> {
    let ServerFacts { server_encoding, client_encoding, .. } = facts;
    if server_encoding != "UTF8" {
        return Some(Finding::Refuse(format!(
            "the encoding of the PostgreSQL database is {server_encoding}: it must be UTF8, or what has other letters \
             cannot be stored; make one with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
        )));
    }
    (client_encoding != "UTF8").then(|| {
        Finding::Refuse(format!(
            "PostgreSQL speaks {client_encoding} on new connections: client_encoding must be UTF8; a pooler may have \
             changed it"
        ))
    })
}

fn pooler(facts: &ServerFacts) -> Option<Finding> {
    facts.shares_connections.then(|| {
        Finding::Refuse(
            "a pooler between this program and PostgreSQL shares connections between transactions: settings and \
             prepared statements of a connection get lost there. Set store.pool_mode = \"transaction\" for a pooler that \
             shares them so; or use pool_mode = session for this database and user in pgbouncer, or name PostgreSQL \
             itself in store.database_url. A pool_mode of statement cannot be used"
                .into(),
        )
    })
}

fn durability(facts: &ServerFacts) -> Option<String> {
    let settings = [
        ("fsync", &facts.fsync),
        ("synchronous_commit", &facts.synchronous_commit),
        ("full_page_writes", &facts.full_page_writes),
    ];
    let (name, value) = settings.into_iter().find(|(_, value)| *value == "off")?;
    Some(format!("{name} is {value}"))
}

fn read_only(facts: &ServerFacts) -> Option<Finding> {
    if facts.in_recovery {
        return Some(Finding::Wait(
            "PostgreSQL: this server is a standby, which can only be read; name the primary in store.database_url, or \
             both with target_session_attrs=read-write"
                .into(),
        ));
    }
    facts.read_only.then(|| {
        Finding::Wait(
            "PostgreSQL: default_transaction_read_only is on, so nothing can be written; switch it off for this \
             database and user"
                .into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> ServerFacts {
        ServerFacts {
            server_encoding: "UTF8".into(),
            client_encoding: "UTF8".into(),
            fsync: "on".into(),
            synchronous_commit: "local".into(),
            full_page_writes: "on".into(),
            in_recovery: false,
            read_only: false,
            version: 150_004,
            shares_connections: false,
            statement_timeout: "10s".into(),
        }
    }

    #[test]
    fn each_flaw_of_a_server_is_named() {
        assert_eq!(judge(&sound(), false), []);
        let refused = |facts: ServerFacts| match judge(&facts, false).swap_remove(0) {
            Finding::Refuse(message) | Finding::Wait(message) | Finding::Warn(message) => message,
        };
        for encoding in ["LATIN1", "WIN1251", "SQL_ASCII"] {
            let message = refused(ServerFacts { server_encoding: encoding.into(), ..sound() });
            assert!(message.contains(&format!("is {encoding}: it must be UTF8")), "{message}");
        }
        let message = refused(ServerFacts { client_encoding: "LATIN1".into(), ..sound() });
        assert!(message.contains("client_encoding must be UTF8"), "{message}");
        let message = refused(ServerFacts { shares_connections: true, ..sound() });
        assert!(message.contains("pool_mode = session"), "{message}");
        let message = refused(ServerFacts { full_page_writes: "off".into(), ..sound() });
        assert!(
            message.starts_with("full_page_writes is off in PostgreSQL, so a commit"),
            "{message}"
        );
        let allowed = judge(&ServerFacts { fsync: "off".into(), ..sound() }, true);
        assert!(
            matches!(&allowed[..], [Finding::Warn(message)] if message.starts_with("fsync is off"))
        );
        let standby = judge(&ServerFacts { in_recovery: true, ..sound() }, false);
        assert!(matches!(&standby[..], [Finding::Wait(message)] if message.contains("standby")));
        let message = refused(ServerFacts { read_only: true, ..sound() });
        assert!(message.contains("default_transaction_read_only"), "{message}");
        let message = refused(ServerFacts { version: 140_010, ..sound() });
        assert!(message.contains("version 14:"), "{message}");
    }
}
