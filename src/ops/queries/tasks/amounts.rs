//! What tasks are about, in money: of one that was done, what its protocol's books have of it; of any other, what its
//! request asks to pay, where it says so.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::TaskSummary;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::{Money, number_text};
use crate::domain::task::TaskGuid;
use crate::engine::store::Store;
use crate::surface::ProtocolList;
use crate::surface::shown::Amounts;

static REQUESTS: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid, t.request FROM batch b {one tasks t: task_guid}",
);

/// Who reads JSON that deep has no use for it.
const DEEPEST: usize = 32;

type Found = HashMap<TaskGuid, Vec<Money>>;

/// The amounts of each of these tasks; of several payments in one task, each and all together.
pub(super) async fn of(
    store: &Store,
    list: &'static ProtocolList,
    tasks: &[TaskSummary],
) -> Result<Found, StoreError> {
    let mut found = Found::new();
    for surface in list.surfaces() {
        let Some(amounts) = surface.shown().amounts else { continue };
        let mut here = Found::new();
        let types = surface.protocol().task_types();
        let own = || tasks.iter().filter(|task| types.contains(&&*task.task_type));
        let done = own().filter(|task| task.state == "done");
        let rows: Vec<_> = done.map(|task| row![task.object_id, task.task_guid]).collect();
        for row in all(store, amounts.kept, rows).await? {
            let (guid, amount) = entered(row)?;
            here.entry(guid).or_default().push(amount);
        }
        let names = |task: &&TaskSummary| member(&amounts, &task.task_type).is_some();
        let other: HashMap<TaskGuid, &TaskSummary> = own()
            .filter(|task| task.state != "done")
            .filter(names)
            .map(|task| (task.task_guid, task))
            .collect();
        let rows = other.keys().map(|guid| row![*guid]).collect();
        for mut row in all(store, &REQUESTS, rows).await? {
            let guid: TaskGuid = row.get("task_guid")?;
            let request: String = row.get("request")?;
            let name = other.get(&guid).and_then(|task| member(&amounts, &task.task_type));
            if let Some(name) = name {
                named(&request, name, DEEPEST, here.entry(guid).or_default());
            }
        }
        if amounts.summed {
            here.values_mut().for_each(sum);
        }
        found.extend(here);
    }
    Ok(found)
}

async fn all(
    store: &Store,
    statement: &'static Statement,
    rows: Vec<Vec<crate::database::Value>>,
) -> Result<Vec<Row>, StoreError> {
    match rows.is_empty() {
        true => Ok(Vec::new()),
        false => store.db().run(statement, rows).await,
    }
}

fn entered(mut row: Row) -> Result<(TaskGuid, Money), StoreError> {
    Ok((row.get("task_guid")?, row.get("amount")?))
}

/// The member of such a request that holds an amount.
fn member(amounts: &Amounts, task_type: &str) -> Option<&'static str> {
    amounts.asked.iter().find(|(of, _)| *of == task_type).map(|(_, name)| *name)
}

/// Several lines come to their sum as well.
fn sum(all: &mut Vec<Money>) {
    if let [_, _, ..] = all.as_slice() {
        let sum = all.iter().try_fold(Money::ZERO, |sum, one| sum.checked_add(*one));
        all.extend(sum);
    }
}

/// The amounts under this name at any depth, from their text: a number of JSON that passes through a float is not the
/// one that was sent.
fn named(json: &str, name: &str, depth: usize, found: &mut Vec<Money>) {
    let below = |raw: &RawValue, found: &mut Vec<Money>| {
        if depth > 0 {
            named(raw.get(), name, depth - 1, found);
        }
    };
    match json.trim_start().as_bytes().first() {
        Some(b'{') => {
            let members: HashMap<Cow<'_, str>, &RawValue> =
                serde_json::from_str(json).unwrap_or_default();
            for (member, value) in members {
                match number_text(value).filter(|_| member == name) {
                    Some(text) => found.extend(Money::parse(text)),
                    None => below(value, found),
                }
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            items.into_iter().for_each(|item| below(item, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_from_their_text_at_any_depth() {
        let text = r#"{"amount":900719925474.99,"params":{"payments":[{"amount":449.35},
            {"amount":"10","other":1}],"amounts":5},"amount2":1,"x":"{\"amount\":7}"}"#;
        let mut found = Vec::new();
        named(text, "amount", DEEPEST, &mut found);
        let mut texts: Vec<String> = found.iter().map(Money::to_string).collect();
        texts.sort();
        assert_eq!(texts, ["10.00", "449.35", "900719925474.99"]);
        let mut found = vec![Money::parse("300").unwrap(), Money::parse("149.35").unwrap()];
        sum(&mut found);
        assert_eq!(found.last().unwrap().to_string(), "449.35");
        named("no JSON", "amount", DEEPEST, &mut found);
        assert_eq!(found.len(), 3);
    }
}
