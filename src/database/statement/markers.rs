//! What the databases write differently: marks in a statement's text, in braces.
//!
//! A planner that believes a table empty would as soon read all of it for each batch as look its rows up, and a
//! plan is kept while the table grows. So a text does not join a table with the batch: it marks a look-up, which
//! leaves PostgreSQL no choice of the order, and one index that is better than the others whatever it believes.
//!
//! * `FROM batch b {one orders o: object_id, order_guid}` joins the row of each key, at most one; `{left one ..}`
//!   as an outer join. The columns are those of an index, from its first; `column = x` where the key is not that of
//!   the batch's row `b`. What else the row must be, before it is locked, follows: `{one .. WHERE o.paid = 0}`.
//! * `{all lines l: object_id, order_id}` and `{left all ..}`, where a key has several rows.
//! * `FROM {rows lines l: order_id = o.order_id}`: the same as the first of a sub-select's tables.
//! * `UPDATE orders SET .. FROM batch b {these orders: object_id, order_guid} AND ..`, in place of `WHERE`: the rows
//!   of each key. Who may meet another writer locks them in a statement before. A condition that an index answers, if
//!   only a partial one's, would have all rows of that index read: `coalesce(orders.status, '') = 'open'`.
//! * `DELETE FROM lines {those lines: object_id, order_id} AND ..`, in place of `WHERE`: likewise; of other keys than
//!   the batch's by `{those lines: order_id FROM SELECT ..}`.
//! * `FROM {sorted object_id, order_guid} b`: the batch in this order. Rows are locked in the order of the batch.
//! * `{only w.object_id: (SELECT object_id FROM batch)}`, a condition: the first column of an index is this, and the rows come
//!   in its order, `ORDER BY w.object_id DESC, w.registered_at DESC`. PostgreSQL then reads none but those between two
//!   moments; of a column that is only between two values it would read all.
//! * `{beside beginnings}`, a condition that holds: until the transaction ends, nobody works `{alone beginnings}`. What
//!   goes by that name comes in a later statement, which sees what whoever was alone has done.
//! * `{lock o}`, `{lock o skip}` at the end: what is looked up as `o` is locked; skipped where somebody holds it.

use std::borrow::Cow;

/// The text for PostgreSQL, or for SQLite, which runs a statement for each row of its batch, needs no row locks
/// and joins as the text says.
pub(super) fn expand(text: Cow<'static, str>, postgres: bool) -> Cow<'static, str> {
    if !text.contains('{') {
        return text;
    }
    let (mut done, mut rest) = (String::with_capacity(text.len() * 2), &*text);
    while let Some((before, after)) = rest.split_once('{') {
        done.push_str(before);
        let mark = after.split_once('}');
        match mark.and_then(|(mark, after)| Some((expand_mark(mark, postgres)?, after))) {
            Some((sql, after)) => {
                done.push_str(&sql);
                rest = after;
            }
            None => {
                done.push('{');
                rest = after;
            }
        }
    }
    done.push_str(rest);
    Cow::Owned(done)
}

/// `None`: no mark.
fn expand_mark(mark: &str, postgres: bool) -> Option<String> {
    let mark = mark.split_whitespace().collect::<Vec<_>>().join(" ");
    let (what, rest) = mark.split_once(' ')?;
    Some(match what {
        "lock" if !postgres => String::new(),
        "lock" => match rest.strip_suffix(" skip") {
            Some(table) => format!("FOR UPDATE OF {table} SKIP LOCKED"),
            None => format!("FOR UPDATE OF {rest}"),
        },
        "sorted" if postgres => format!("(SELECT * FROM batch ORDER BY {rest})"),
        "sorted" => "batch".to_owned(),
        "beside" | "alone" if !postgres => "true".to_owned(),
        "beside" | "alone" => {
            let (shared, number) = (if what == "beside" { "_shared" } else { "" }, turn(rest)?);
            format!("(SELECT pg_advisory_xact_lock{shared}({TURNS}, {number}) IS NOT NULL)")
        }
        "only" => {
            let (column, value) = rest.split_once(": ")?;
            match postgres {
                true => format!(
                    "{column} = ANY (ARRAY[{value}]) AND {column} >= {value} AND {column} <= {value}"
                ),
                false => format!("{column} = {value}"),
            }
        }
        "left" => {
            let (what, rest) = rest.split_once(' ')?;
            join("LEFT", what, &LookUp::read(rest)?, postgres)?
        }
        "rows" => {
            let of = LookUp::read(rest)?;
            let rows = match postgres {
                true => of.rows(of.name, "*", " OFFSET 0"),
                false => {
                    let (table, name) = (of.table, of.name);
                    format!("SELECT * FROM {table} {name} WHERE {}", of.equal(name, "="))
                }
            };
            format!("({rows}) AS {}", of.name)
        }
        "one" | "all" => join("", what, &LookUp::read(rest)?, postgres)?,
        "these" => these(&LookUp::read(rest)?, postgres),
        "those" => {
            let (of, source) = match rest.split_once(" FROM ") {
                Some((of, select)) => (of, Some(select)),
                None => (rest, None),
            };
            those(&LookUp::read(of)?, source, postgres)
        }
        _ => return None,
    })
}

/// The first part of the advisory locks that go by a name: "wsa" in ASCII.
const TURNS: i32 = 0x0077_7361;

/// The second part.
fn turn(name: &str) -> Option<i32> {
    ["beginnings"].iter().zip(1..).find(|(known, _)| **known == name).map(|(_, number)| number)
}

/// Rows of a table by the first columns of an index.
struct LookUp<'a> {
    table: &'a str,
    /// What the text calls a row of it.
    name: &'a str,
    /// Each column and what it equals.
    keys: Vec<(&'a str, Cow<'a, str>)>,
    condition: Option<&'a str>,
}

impl<'a> LookUp<'a> {
    /// `table name: column, column = x WHERE condition`.
    fn read(text: &'a str) -> Option<LookUp<'a>> {
        let (table, keys) = text.split_once(':')?;
        let (keys, condition) = match keys.split_once(" WHERE ") {
            Some((keys, condition)) => (keys, Some(condition.trim())),
            None => (keys, None),
        };
        let key = |key: &'a str| match key.split_once('=') {
            Some((column, value)) => (column.trim(), Cow::Borrowed(value.trim())),
            None => (key.trim(), Cow::Owned(format!("b.{}", key.trim()))),
        };
        let keys = keys.split(',').map(key).collect();
        let (table, name) = table.split_once(' ').unwrap_or((table, table));
        Some(LookUp { table, name, keys, condition })
    }

    /// That a row has the key.
    fn equal(&self, name: &str, equals: &str) -> String {
        let equal = |(column, value): &_| format!("{name}.{column} {equals} {value}");
        self.keys.iter().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// The rows of one key, for PostgreSQL. To a planner that believes the table empty, every index with the first
    /// column is as good as that of the whole key, unless an order is asked for that only this one has; and an order
    /// by what equals something is none. So the last column is between its value and its value. The estimate of
    /// that is poor, and a planner that knows the table gets a better one: equal to one of an array.
    fn rows(&self, name: &str, columns: &str, limit: &str) -> String {
        let LookUp { table, keys, condition, .. } = self;
        let mut text = format!("SELECT {columns} FROM {table} {name} WHERE ");
        let (last, first) = match keys.split_last() {
            Some((last, first)) => (last, first),
            None => return text,
        };
        for (column, value) in first {
            text.push_str(&format!("{name}.{column} = {value} AND "));
        }
        let (last, value) = (format!("{name}.{}", last.0), &last.1);
        text.push_str(&format!(
            "{last} = ANY (ARRAY[{value}]) AND {last} >= {value} AND {last} <= {value}"
        ));
        if let Some(condition) = condition {
            text.push_str(&format!(" AND ({condition})"));
        }
        text + &format!(" ORDER BY {last}{limit}")
    }
}

/// `OFFSET 0` as `LIMIT 1`: PostgreSQL does not take the sub-select apart.
fn join(side: &str, what: &str, of: &LookUp<'_>, postgres: bool) -> Option<String> {
    let limit = match what {
        "one" => " LIMIT 1",
        "all" => " OFFSET 0",
        _ => return None,
    };
    let LookUp { table, name, condition, .. } = of;
    Some(if postgres {
        let (join, on) = if side.is_empty() { ("CROSS", "") } else { (side, " ON true") };
        format!("{join} JOIN LATERAL ({}) {name}{on}", of.rows(name, "*", limit))
    } else {
        let condition = condition.map(|condition| format!(" AND ({condition})"));
        let join = if side.is_empty() { "JOIN" } else { "LEFT JOIN" };
        format!("{join} {table} {name} ON {}{}", of.equal(name, "="), condition.unwrap_or_default())
    })
}

/// The rows of the batch's keys, by their places. The key is named once more, in a way that no index answers: of a
/// partitioned table, a place alone is not a row.
fn places(of: &LookUp<'_>) -> String {
    let LookUp { table, .. } = of;
    let rows = of.rows("sought", "sought.ctid AS place", " OFFSET 0");
    let equal = of.equal(table, "IS NOT DISTINCT FROM");
    format!("CROSS JOIN LATERAL ({rows}) found WHERE {table}.ctid = found.place AND {equal}")
}

fn these(of: &LookUp<'_>, postgres: bool) -> String {
    if postgres { places(of) } else { format!("WHERE {}", of.equal(of.table, "=")) }
}

/// `source` selects the keys; `None`: they are the batch's.
fn those(of: &LookUp<'_>, source: Option<&str>, postgres: bool) -> String {
    let columns = of.keys.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    match (postgres, source) {
        (true, None) => format!("USING batch b {}", places(of)),
        (true, Some(select)) => format!("USING ({select}) b {}", places(of)),
        (false, None) => format!("WHERE ({columns}) IN (SELECT {columns} FROM batch)"),
        (false, Some(select)) => format!("WHERE ({columns}) IN ({select})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &'static str) -> (String, String) {
        let expand = |postgres| expand(Cow::Borrowed(text), postgres).into_owned();
        (expand(true), expand(false))
    }

    #[test]
    fn a_look_up_of_one_row_is_a_join_in_sqlite() {
        let (postgres, sqlite) = both(
            "SELECT o.paid FROM {sorted object_id, order_guid} b {one orders o: object_id, order_guid} {lock o}",
        );
        assert_eq!(
            postgres,
            "SELECT o.paid FROM (SELECT * FROM batch ORDER BY object_id, order_guid) b \
             CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.object_id = b.object_id \
             AND o.order_guid = ANY (ARRAY[b.order_guid]) AND o.order_guid >= b.order_guid \
             AND o.order_guid <= b.order_guid ORDER BY o.order_guid LIMIT 1) o FOR UPDATE OF o"
        );
        assert_eq!(
            sqlite,
            "SELECT o.paid FROM batch b \
             JOIN orders o ON o.object_id = b.object_id AND o.order_guid = b.order_guid "
        );
    }

    #[test]
    fn a_look_up_may_be_of_several_rows_of_none_and_by_another_row() {
        let (postgres, sqlite) = both(
            "FROM batch b {one tc_events e: event_id WHERE e.on_sale} {left all tc_deals d: object_id = e.object_id}",
        );
        assert_eq!(
            postgres,
            "FROM batch b CROSS JOIN LATERAL (SELECT * FROM tc_events e \
             WHERE e.event_id = ANY (ARRAY[b.event_id]) AND e.event_id >= b.event_id \
             AND e.event_id <= b.event_id AND (e.on_sale) ORDER BY e.event_id LIMIT 1) e \
             LEFT JOIN LATERAL (SELECT * FROM tc_deals d \
             WHERE d.object_id = ANY (ARRAY[e.object_id]) AND d.object_id >= e.object_id \
             AND d.object_id <= e.object_id ORDER BY d.object_id OFFSET 0) d ON true"
        );
        assert_eq!(
            sqlite,
            "FROM batch b JOIN tc_events e ON e.event_id = b.event_id AND (e.on_sale) \
             LEFT JOIN tc_deals d ON d.object_id = e.object_id"
        );
    }

    #[test]
    fn a_sub_select_may_begin_with_a_look_up() {
        let (postgres, sqlite) =
            both("EXISTS (SELECT 1 FROM {rows licences l: object_id = o.object_id} WHERE l.open)");
        assert_eq!(
            postgres,
            "EXISTS (SELECT 1 FROM (SELECT * FROM licences l \
             WHERE l.object_id = ANY (ARRAY[o.object_id]) AND l.object_id >= o.object_id \
             AND l.object_id <= o.object_id ORDER BY l.object_id OFFSET 0) AS l WHERE l.open)"
        );
        assert_eq!(
            sqlite,
            "EXISTS (SELECT 1 FROM (SELECT * FROM licences l WHERE l.object_id = o.object_id) AS l \
             WHERE l.open)"
        );
    }

    #[test]
    fn rows_are_changed_and_deleted_by_their_places() {
        let (postgres, sqlite) =
            both("UPDATE t SET n = b.n FROM batch b {these t: object_id, id} AND t.n = 0");
        let places = "CROSS JOIN LATERAL (SELECT sought.ctid AS place FROM t sought \
             WHERE sought.object_id = b.object_id AND sought.id = ANY (ARRAY[b.id]) \
             AND sought.id >= b.id AND sought.id <= b.id ORDER BY sought.id OFFSET 0) found \
             WHERE t.ctid = found.place AND t.object_id IS NOT DISTINCT FROM b.object_id \
             AND t.id IS NOT DISTINCT FROM b.id AND t.n = 0";
        assert_eq!(postgres, format!("UPDATE t SET n = b.n FROM batch b {places}"));
        assert_eq!(
            sqlite,
            "UPDATE t SET n = b.n FROM batch b WHERE t.object_id = b.object_id AND t.id = b.id AND t.n = 0"
        );

        let (postgres, sqlite) = both("DELETE FROM t {those t: object_id, id} AND t.n = 0");
        assert_eq!(postgres, format!("DELETE FROM t USING batch b {places}"));
        assert_eq!(
            sqlite,
            "DELETE FROM t WHERE (object_id, id) IN (SELECT object_id, id FROM batch) AND t.n = 0"
        );

        let (postgres, sqlite) = both(
            "DELETE FROM t {those t: object_id, id FROM
                 SELECT o.object_id, o.id FROM t o WHERE o.old LIMIT 9} AND t.n = 0",
        );
        let oldest = "SELECT o.object_id, o.id FROM t o WHERE o.old LIMIT 9";
        assert_eq!(postgres, format!("DELETE FROM t USING ({oldest}) b {places}"));
        assert_eq!(
            sqlite,
            format!("DELETE FROM t WHERE (object_id, id) IN ({oldest}) AND t.n = 0")
        );
    }

    #[test]
    fn rows_of_one_value_come_in_the_order_of_their_index() {
        let (postgres, sqlite) = both("WHERE {only w.a: (SELECT a FROM batch)} AND w.b < 7");
        assert_eq!(
            postgres,
            "WHERE w.a = ANY (ARRAY[(SELECT a FROM batch)]) AND w.a >= (SELECT a FROM batch) \
             AND w.a <= (SELECT a FROM batch) AND w.b < 7"
        );
        assert_eq!(sqlite, "WHERE w.a = (SELECT a FROM batch) AND w.b < 7");
    }

    #[test]
    fn what_is_no_mark_stays() {
        for text in
            ["SELECT '{}'", "SELECT '{a: 1}', {", "SELECT '{\"lock\": \"{'", "{one t}", "{left t}"]
        {
            assert_eq!(both(text), (text.to_owned(), text.to_owned()));
        }
        let (postgres, sqlite) = both("SELECT '{}' {lock t skip}");
        assert_eq!(postgres, "SELECT '{}' FOR UPDATE OF t SKIP LOCKED");
        assert_eq!(sqlite, "SELECT '{}' ");
    }
}
