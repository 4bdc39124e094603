//! A task that paid took what its request asks for: read with the code that carried it out, one row at a time.

use crate::database::{Row, StoreError};
use crate::domain::task::{ObjectId, OrderGuid, TaskGuid};
use crate::engine::protocol::audit::{Broken, Check, Example, Pass, Rows, amount};
use crate::protocols::whiteserver::command::Command;
use crate::protocols::whiteserver::command::order_content::{OrderContent, PaidHow};
use crate::protocols::whiteserver::command::till::{Action, OrderChange, TillCommand};
use crate::protocols::whiteserver::wire::request::{CREATE_ORDER, read_command};

pub(crate) const PASSES: &[Pass] = &[ASKED];

const HAS_PAYMENT: &str = "done-task-has-its-payment";
const AS_ASKED: &str = "payment-is-as-asked";

const ASKED: Pass = Pass {
    checks: &[
        Check { name: HAS_PAYMENT, rule: "a task that pays and was done has taken a payment" },
        Check {
            name: AS_ASKED,
            rule: "a task that pays has taken the amounts of its request, of the order that it names",
        },
    ],
    rows: Rows::Read(read),
    body: "SELECT t.object_id, t.task_guid, t.task_type, t.request, s.order_guid, o.content,
                  coalesce(s.lines, 0) AS lines, {kopecks coalesce(s.amount, 0)} AS amount
         FROM tasks t
         LEFT JOIN (SELECT p.object_id, p.task_guid, p.order_guid, count(*) AS lines,
                           sum(p.amount) AS amount
                    FROM payments p WHERE {of p.object_id}
                    GROUP BY p.object_id, p.task_guid, p.order_guid) AS s
           ON s.object_id = t.object_id AND s.task_guid = t.task_guid
         LEFT JOIN orders o ON t.task_type = 'CreateOrder' AND o.object_id = t.object_id
           AND o.order_guid = t.task_guid
         WHERE {of t.object_id} AND t.outcome = 'done'
           AND t.task_type IN ('PayOrder', 'AddPrepayOrder', 'CreateOrder', 'TillPayOrder')",
};

/// What a request asks to be taken: of which order, on how many lines, how many kopecks together.
type Asked = (OrderGuid, i64, i64);

fn read(row: &mut Row) -> Result<Option<Broken>, StoreError> {
    let (object, task): (ObjectId, TaskGuid) = (row.get("object_id")?, row.get("task_guid")?);
    let (task_type, request): (String, String) = (row.get("task_type")?, row.get("request")?);
    let taken: (Option<OrderGuid>, i64, i64) =
        (row.get("order_guid")?, row.get("lines")?, row.get("amount")?);
    let content: Option<String> = row.get("content")?;
    let asked = asked(&task_type, &request, task, content.as_deref());
    let check = match (&asked, taken) {
        // It opened an order that is paid later.
        (None, (_, 0, _)) if task_type == CREATE_ORDER => return Ok(None),
        (_, (_, 0, _)) => HAS_PAYMENT,
        (Some((order, lines, sum)), taken) if taken == (Some(*order), *lines, *sum) => {
            return Ok(None);
        }
        _ => AS_ASKED,
    };
    let example = Example(vec![
        ("objectId", object.0.into()),
        ("taskGuid", task.to_string().into()),
        ("taskType", task_type.into()),
        ("orderGuid", taken.0.map(|order| order.to_string()).into()),
        ("taken", amount(taken.2).into()),
        ("asked", asked.map(|(_, _, sum)| amount(sum)).into()),
    ]);
    Ok(Some(Broken { check: check.to_owned(), example }))
}

/// `None` for a request that cannot be read, or that asks for no payment.
fn asked(task_type: &str, request: &str, task: TaskGuid, content: Option<&str>) -> Option<Asked> {
    match read_command(task_type, request).ok()? {
        Command::PayOrder(pay) => {
            let lines = i64::try_from(pay.payments.len()).ok()?;
            let sum = pay.payments.iter().map(|line| line.amount.kopecks()).sum();
            Some((pay.order, lines, sum))
        }
        Command::AddPrepayOrder(prepay) => Some((prepay.order, 1, prepay.amount.kopecks())),
        // What is paid already is a payment. That it is so is asked of the order: versions that took no payment for it
        // did not keep it there.
        Command::CreateOrder(create) => {
            let content: OrderContent = serde_json::from_str(content?).ok()?;
            let online = content.payment?.r#type == Some(PaidHow::Online);
            online.then(|| (OrderGuid(task.0), 1, create.total.kopecks()))
        }
        Command::Till(till) => match *till {
            TillCommand::Change(OrderChange { order, action: Action::Pay(payment), .. }) => {
                Some((order, 1, payment.amount.kopecks()))
            }
            _ => None,
        },
        _ => None,
    }
}
