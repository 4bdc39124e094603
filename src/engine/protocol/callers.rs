//! The callers of protocols: statements that find them, put together from the tables that the protocols name.

use crate::database::{Column, Statement, Type};

/// The callers of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallersOf {
    /// The protocol's name.
    pub protocol: &'static str,
    /// The table that has the `aggregator_id` of each; `None`: they are those who are in no such table.
    pub table: Option<&'static str>,
}

/// The statements that find callers, put together from the tables of all protocols.
#[derive(Debug)]
pub(crate) struct FindCallers {
    /// Those who call, by their tokens.
    pub(crate) by_token: Statement,
    /// Those who publish, by their RabbitMQ users.
    pub(crate) by_user: Statement,
    /// The same by their names.
    pub(crate) by_name: Statement,
}

impl FindCallers {
    /// For these protocols.
    pub(crate) fn of(protocols: impl Iterator<Item = CallersOf>) -> FindCallers {
        let protocols: Vec<CallersOf> = protocols.collect();
        FindCallers {
            by_token: Statement::read(
                &[("token_hash", Type::Bytes), ("protocol", Type::Text)],
                by_token(&protocols).leak(),
            ),
            by_user: Statement::read(BY_USER, publisher("amqp_user", &protocols).leak()),
            by_name: Statement::read(BY_NAME, publisher("name", &protocols).leak()),
        }
    }
}

const BY_USER: &[Column] = &[("amqp_user", Type::Text)];
const BY_NAME: &[Column] = &[("name", Type::Text)];

/// That the aggregator `a` is in this table.
fn is_in(table: &str) -> String {
    // Not EXISTS, which a planner may answer by reading all of a table that it takes for small.
    format!("(SELECT 1 FROM {table} c WHERE c.aggregator_id = a.aggregator_id LIMIT 1) IS NOT NULL")
}

fn by_token(protocols: &[CallersOf]) -> String {
    let tables = protocols.iter().filter_map(|of| Some((of.protocol, of.table?)));
    let own: String = tables
        .map(|(protocol, table)| format!("\n         WHEN {} THEN '{protocol}'", is_in(table)))
        .collect();
    let others = protocols.iter().find(|of| of.table.is_none());
    let others = others.map(|of| format!("\n         ELSE '{}'", of.protocol)).unwrap_or_default();
    format!(
        "SELECT a.token_hash, b.protocol, a.aggregator_id, a.name, a.guid_salt, a.requests_per_s
     FROM batch b {{one aggregators a: token_hash}}
     WHERE b.protocol = CASE{own}{others} END"
    )
}

// Only those who are in no table publish: the others open another protocol, which has no such door.
fn publisher(column: &str, protocols: &[CallersOf]) -> String {
    let tables = protocols.iter().filter_map(|of| of.table);
    let others: String = tables.map(|table| format!("\n       AND NOT {}", is_in(table))).collect();
    format!(
        "SELECT b.{column} AS claimed, a.aggregator_id, a.name, a.guid_salt, a.requests_per_s,
            m.mailbox_id IS NOT NULL AS results
     FROM batch b {{one aggregators a: {column}}}
     {{left one mailboxes m: aggregator_id = a.aggregator_id, kind = 'results' WHERE m.open}}
     WHERE true{others}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_of_the_protocol_whose_table_it_is_in_or_of_the_one_without() {
        let of = |protocol, table| CallersOf { protocol, table };
        let all = [of("plain", None), of("shop", Some("customers")), of("bank", Some("clerks"))];
        let find = FindCallers::of(all.into_iter());
        let text = find.by_token.body().split_whitespace().collect::<Vec<_>>().join(" ");
        let customer = "(SELECT 1 FROM customers c WHERE c.aggregator_id = a.aggregator_id LIMIT 1) IS NOT NULL";
        let clerk =
            "(SELECT 1 FROM clerks c WHERE c.aggregator_id = a.aggregator_id LIMIT 1) IS NOT NULL";
        let own = format!(
            "WHERE b.protocol = CASE WHEN {customer} THEN 'shop' WHEN {clerk} THEN 'bank' ELSE 'plain' END"
        );
        assert!(text.ends_with(&own), "{text}");
        let nobodys = format!("WHERE true AND NOT {customer} AND NOT {clerk}");
        for statement in [&find.by_user, &find.by_name] {
            let text = statement.body().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.ends_with(&nobodys), "{text}");
        }
    }
}
