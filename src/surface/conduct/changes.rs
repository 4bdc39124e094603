//! What a command has changed, as the journal has it: the columns that differ, without what is secret or personal.

use serde_json::{Map, Value as Json, json};

use crate::callback::url::without_values;
use crate::database::recorded::{Change, ChangedRows, Fields};
use crate::database::{Type, Value};
use crate::engine::store::journal::Act;
use crate::surface::shown::camel;

/// What stands for a value that is not entered.
const MASK: &str = "***";
/// Parts of names of columns whose values are secret.
const SECRET: [&str; 6] = ["password", "secret", "token", "salt", "hash", "digest"];
/// Names of columns whose values may be personal.
const PERSONAL: [&str; 8] =
    ["email", "phone", "address", "comment", "customer", "passport", "inn", "requester_ip"];

/// The act, with what was changed: `before` what it was, and in `after`, beside the arguments, what it is since.
pub(super) fn entered(act: &Act, changes: &[Change]) -> Act {
    let (mut before, mut after) = (Map::new(), Map::new());
    for change in changes {
        let (was, is) = told(change);
        // Of one table the columns stand by themselves.
        let alone = changes.len() == 1;
        for (all, fields) in [(&mut before, was), (&mut after, is)] {
            match alone {
                true => all.extend(fields),
                false if fields.is_empty() => {}
                false => drop(all.insert(change.table.to_owned(), fields.into())),
            }
        }
    }
    let mut act = act.clone();
    if !before.is_empty() {
        act.before = Some(Json::Object(before).to_string());
    }
    if !after.is_empty() {
        let said = act.after.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let mut said: Map<String, Json> = said.unwrap_or_default();
        said.extend(after);
        act.after = Some(Json::Object(said).to_string());
    }
    act
}

/// What rows were and are, as far as that differs.
fn told(change: &Change) -> (Map<String, Json>, Map<String, Json>) {
    let all =
        |fields: &Fields| fields.iter().map(|(name, value)| one(change, name, value)).collect();
    match (&change.before, &change.after) {
        (ChangedRows::One(before), ChangedRows::One(after)) => {
            let differs = |name: &str| value(before, name) != value(after, name);
            let those = |fields: &Fields| {
                let changed = fields.iter().filter(|(name, _)| differs(name));
                changed.map(|(name, value)| one(change, name, value)).collect()
            };
            (those(before), those(after))
        }
        (ChangedRows::One(before), _) => (all(before), Map::new()),
        (ChangedRows::Several(count), _) => {
            let rows = json!({"rows": format!("{count} or more")});
            (rows.as_object().cloned().unwrap_or_default(), Map::new())
        }
        (ChangedRows::None, _) => (Map::new(), Map::new()),
    }
}

fn value<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    fields.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

/// A column as a member of JSON.
fn one(change: &Change, name: &str, value: &Value) -> (String, Json) {
    let hidden = SECRET.iter().any(|part| name.contains(part)) || PERSONAL.contains(&name);
    let kind = change.columns.iter().find(|(column, _)| *column == name).map(|(_, kind)| *kind);
    let shown = match value {
        Value::Null => Json::Null,
        _ if hidden => MASK.into(),
        value => written(value, name, kind),
    };
    (camel(name), shown)
}

/// A value, in whichever form its database keeps it.
fn written(value: &Value, name: &str, kind: Option<Type>) -> Json {
    let is_time = ["_at", "_until", "_since"].iter().any(|end| name.ends_with(end));
    match (value, kind) {
        (Value::Null, _) => Json::Null,
        (Value::Bool(is), _) => (*is).into(),
        (Value::Int(number), Some(Type::Bool)) => (*number != 0).into(),
        (Value::Int(kopecks), Some(Type::Money)) => {
            let money = crate::domain::money::Money::from_kopecks(*kopecks);
            money.map_or(Json::Null, |money| money.to_string().into())
        }
        (Value::Int(us), kind) if kind == Some(Type::Time) || (kind.is_none() && is_time) => {
            let at = jiff::Timestamp::from_microsecond(*us).ok();
            at.map_or(Json::Null, |at| at.to_string().into())
        }
        (Value::Int(number), _) => (*number).into(),
        (Value::Money(money), _) => money.to_string().into(),
        (Value::Time(at), _) => at.to_string().into(),
        (Value::Uuid(guid), _) => guid.to_string().into(),
        (Value::Bytes(bytes), _) => match uuid::Uuid::from_slice(bytes) {
            Ok(guid) => guid.to_string().into(),
            Err(_) => MASK.into(),
        },
        (Value::Text(text), _) if text.contains("://") => without_values(text).into(),
        (Value::Text(text), _) => text.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: ChangedRows, after: ChangedRows) -> Change {
        let columns = &[("active", Type::Bool), ("balance", Type::Money)];
        Change { table: "things", columns, before, after }
    }

    fn row(fields: &[(&str, Value)]) -> ChangedRows {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        ChangedRows::One(fields.collect())
    }

    /// That a text is this JSON, whatever the order of its members.
    #[track_caller]
    fn assert_json(text: Option<&String>, expected: Json) {
        let read: Json = serde_json::from_str(text.unwrap()).unwrap();
        assert_eq!(read, expected);
    }

    #[test]
    fn what_differs_is_entered_and_nothing_secret_is() {
        let act = Act { after: Some(r#"{"name":"x"}"#.into()), ..Act::default() };
        let bytes = |byte| Value::Bytes(vec![byte; 32]);
        let of = |active, token, balance| {
            row(&[
                ("id", Value::Int(7)),
                ("active", Value::Int(active)),
                ("token_hash", bytes(token)),
                ("balance", Value::Int(balance)),
                ("url", Value::Text("https://a/?key=1".into())),
            ])
        };
        let entry = entered(&act, &[change(of(1, 1, 1000), of(0, 2, 1000))]);
        assert_json(entry.before.as_ref(), json!({"active": true, "tokenHash": "***"}));
        let after = json!({"active": false, "name": "x", "tokenHash": "***"});
        assert_json(entry.after.as_ref(), after);
        let gone = entered(&act, &[change(of(1, 1, 44_935), ChangedRows::None)]);
        let url = "https://a/?key=***";
        let before =
            json!({"active": true, "balance": "449.35", "id": 7, "tokenHash": "***", "url": url});
        assert_json(gone.before.as_ref(), before);
        assert_eq!(gone.after, act.after);
        let both = [
            change(of(1, 1, 1), of(0, 1, 1)),
            Change { table: "others", ..change(ChangedRows::Several(6), ChangedRows::None) },
        ];
        let entry = entered(&act, &both);
        let before = json!({"others": {"rows": "6 or more"}, "things": {"active": true}});
        assert_json(entry.before.as_ref(), before);
        assert_eq!(entered(&act, &[]), act);
    }
}
