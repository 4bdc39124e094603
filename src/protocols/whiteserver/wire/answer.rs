//! Writing White Server answers and errors.

use serde::{Deserialize, Serialize};

use super::changes::{Billed, PatchedFields, Updated, UpdatedOrder};
pub use super::envelope::Common;
use super::envelope::{
    Cancelled, Completed, Created, Envelope, ErrorContainer, Full, Named, Orders, Short, StateOf,
    TaskResponse, Total, Totalled, Unpaid, WireError,
};
use super::listing::{Listing, State};
use super::view::{FullOrder, Price, ShortOrder};
use super::{reads, till};
use crate::domain::task::{ClaimedTask, Undone};
use crate::engine::protocol::stored::Stored;
use crate::protocols::whiteserver::reply::{
    Agent, Answer, Code, OrderStateView, OrderView, Reason, Refusal, Reply, Source,
};

/// The answer to an accepted asynchronous task: what to poll with.
pub fn accepted(common: &Common<'_>) -> String {
    write_json(&Envelope { task_response: None, response_common: common, error: None })
}

/// An error with whatever is known of the request.
pub fn error(common: &Common<'_>, refusal: &Refusal) -> String {
    let wire = WireError {
        code: refusal.code.as_str(),
        ext_code: (refusal.code == Code::License).then_some("WsAggregator"),
        desc: &refusal.desc,
    };
    let container = match refusal.code.source() {
        Source::Server => ErrorContainer { ws_error: Some(wire), agent_error: None },
        // A till's own codes do not come here: its tasks are answered in another form.
        Source::Agent | Source::Till => ErrorContainer { ws_error: None, agent_error: Some(wire) },
    };
    write_json(&Envelope { task_response: None, response_common: common, error: Some(container) })
}

/// What is added to a sentence about a task of a paused object.
pub const PAUSED: &str = "; its object is paused by the operator of this service";

/// What a task that was not carried out is answered.
pub fn undone(task: &ClaimedTask, why: Undone) -> Refusal {
    match why {
        Undone::TimedOut => Refusal::new(
            Code::Timeout,
            format!(
                "the task was not executed by its deadline {} and never will be{}",
                task.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
                if task.paused { PAUSED } else { "" }
            ),
        ),
        Undone::Cancelled => Refusal::new(
            Code::TaskCancelled,
            "the task was cancelled before it was executed and never will be",
        ),
        Undone::Failed => Refusal::new(
            Code::InternalError,
            "the task could not be carried out and nothing was changed; \
             the operator of this service finds the reason in its log",
        ),
    }
}

/// The code and the sentence of a refusal, as [`read_error`] reads them from a written answer.
pub fn reason(refusal: &Refusal) -> Reason {
    Reason { code: refusal.code.as_str().into(), message: refusal.desc.clone() }
}

/// The answer of a task.
pub fn write(task: &ClaimedTask, answer: &Answer) -> String {
    if super::is_till(&task.task_type) {
        return till::write(task, answer);
    }
    let common = Common {
        task_guid: Some(task.key.guid),
        task_type: Some(&task.task_type),
        object_id: Some(task.key.object),
        agent_guid: task.agent_guid,
    };
    let reply = match answer {
        Ok(reply) => reply,
        Err(refusal) => return error(&common, refusal),
    };
    let response = match reply {
        Reply::Paid { total, due, full: None } => {
            let price = Price { total: *total, summ_to_pay: *due };
            TaskResponse::Short(Short { order: ShortOrder { price } })
        }
        Reply::Paid { full: Some(order), .. } | Reply::Order(order) => {
            let order = FullOrder::of(order);
            TaskResponse::Full(Box::new(Full { price: order.price, order }))
        }
        Reply::Created(guid) => {
            TaskResponse::Created(Created { order: Named { order_guid: *guid } })
        }
        Reply::Completed { total } => {
            let price = Total { total: *total };
            TaskResponse::Completed(Completed { order: Totalled { price } })
        }
        // Tasks of tills are answered above.
        Reply::Unpaid | Reply::AtTill(_) => TaskResponse::Unpaid(Unpaid {}),
        Reply::Billed => TaskResponse::Billed(Billed {}),
        Reply::Updated { guid, total, due } => {
            let price = Price { total: *total, summ_to_pay: *due };
            TaskResponse::Updated(Updated { order: UpdatedOrder { order_guid: *guid, price } })
        }
        Reply::Patched(fields) => TaskResponse::Patched(PatchedFields::of(fields)),
        Reply::Cancelled => TaskResponse::Cancelled(Cancelled { status: "Ok" }),
        Reply::State(state) => TaskResponse::State(StateOf { order: State::of(state) }),
        Reply::Orders(orders) => {
            let orders = orders.iter().map(Listing::of).collect();
            TaskResponse::Orders(Orders { orders })
        }
        Reply::Read(read) => TaskResponse::Read(reads::response(task, read)),
    };
    write_json(&Envelope { task_response: Some(response), response_common: &common, error: None })
}

/// The answer of `GetAgentList`, which is no task.
pub fn agents(of: &[Agent]) -> String {
    let common = Common { task_type: Some(super::request::GET_AGENT_LIST), ..Common::default() };
    let response = TaskResponse::Agents(reads::agents(of));
    write_json(&Envelope { task_response: Some(response), response_common: &common, error: None })
}

/// An order whole, as `GetOrder` shows it.
pub fn write_order(order: &OrderView) -> String {
    write_json(&FullOrder::of(order))
}

/// Where an order stands, as `GetOrderState` shows it.
pub fn write_state(state: &OrderStateView) -> String {
    write_json(&State::of(state))
}

/// The code and the sentence of an answer that is an error; `None` when it is none.
pub fn read_error(answer: &str) -> Option<Reason> {
    #[derive(Deserialize)]
    struct Container {
        error: Option<Errors>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Errors {
        ws_error: Option<Told>,
        agent_error: Option<Told>,
    }
    #[derive(Deserialize)]
    struct Told {
        code: String,
        desc: String,
    }
    let errors = serde_json::from_str::<Container>(answer).ok()?.error?;
    let Told { code, desc } = errors.agent_error.or(errors.ws_error)?;
    Some(Reason { code, message: desc })
}

/// The same of a task's answer, whichever door the task came through.
pub fn read_refusal(answer: &str) -> Option<Reason> {
    match Stored::read(answer) {
        Some(stored) => till::read_error(stored.body),
        None => read_error(answer),
    }
}

fn write_json(form: &impl Serialize) -> String {
    // These types have no maps and no fallible fields, so writing them cannot fail; should it ever,
    // the client gets valid JSON all the same.
    serde_json::to_string(form).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        r#"{"error":{"wsError":{"code":"InternalError","desc":"the answer could not be written"}}}"#
            .into()
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::money::Money;
    use crate::domain::task::{AggregatorId, CurrencyGuid, ObjectId, OrderGuid, TaskGuid, TaskKey};
    use crate::domain::time_zone::TimeZone;
    use crate::protocols::whiteserver::command::{OrderContent, TableCode};
    use crate::protocols::whiteserver::model::{CurrencyKind, OrderStatus, Title};
    use crate::protocols::whiteserver::reply::{AppliedPayment, ListedOrder, Stage};

    fn task(task_type: &str) -> ClaimedTask {
        ClaimedTask {
            key: TaskKey { object: ObjectId(199_990_246), guid: TaskGuid(Uuid::from_u128(1)) },
            aggregator: AggregatorId(1),
            task_type: task_type.into(),
            agent_guid: Some(Uuid::from_u128(2)),
            registered_at: "2026-11-22T11:58:00Z".parse().unwrap(),
            deadline: "2026-11-22T12:00:00.5Z".parse().unwrap(),
            sync: false,
            replied: false,
            paused: false,
            cancellation: None,
        }
    }

    fn applied(name: Option<&str>) -> AppliedPayment {
        AppliedPayment {
            amount: Money::from_kopecks(44_925).unwrap(),
            written_off: Money::KOPECK,
            currency: CurrencyGuid(Uuid::from_u128(4)),
            title: name.map(|name| Title { name: name.into(), kind: CurrencyKind::Cash }),
            taken_at: TimeZone::default().at("2026-11-22T11:30:00.7Z".parse().unwrap()),
        }
    }

    #[test]
    fn answers_have_the_published_form() {
        let kopecks = |n| Money::from_kopecks(n).unwrap();
        let content: OrderContent = serde_json::from_str(
            r#"{"originalOrderId":"A-1","products":[{"id":"7","name":"Pie","price":120.5,"quantity":1.5,
                "ingredients":[{"id":"9","name":"Salt","quantity":2}]}],"comment":"no nuts",
                "personsQuantity":2,"delivery":{"expectedTime":"2026-11-22T12:30:00"}}"#,
        )
        .unwrap();
        let view = OrderView {
            guid: OrderGuid(Uuid::from_u128(3)),
            status: OrderStatus::Created,
            bill_printed: false,
            total: kopecks(44_935),
            due: kopecks(9),
            created_at: "2026-11-22T11:00:00Z".parse().unwrap(),
            zone: "Europe/Moscow".parse().unwrap(),
            waiter: None,
            content,
            payments: Some(vec![applied(None), applied(Some("Cash"))]),
        };
        let untold = OrderView { payments: None, ..view.clone() };
        let paid = |full| Ok(Reply::Paid { total: view.total, due: view.due, full });
        let exceeds =
            Refusal::new(Code::WsaPaymentExceedsDue, "5.00 was offered, but only 1.00 is due");
        let listed = ListedOrder {
            guid: view.guid,
            table_code: Some(TableCode::Number(12)),
            total: view.total,
            due: view.due,
            waiter: Some(7),
            finished: false,
            opened_at: view.zone.at(view.created_at),
            minutes: 61,
            payments: Vec::new(),
        };
        let state = |original: Option<&str>, stage| {
            let state = OrderStateView {
                guid: view.guid,
                original_order_id: original.map(Into::into),
                stage,
                bill_printed: false,
                substate: None,
                rejected: None,
            };
            write(&task("GetOrderState"), &Ok(Reply::State(state)))
        };
        let not_created = Reason { code: "Timeout".into(), message: "too late".into() };
        let answers = [
            write(&task("PayOrder"), &paid(None)),
            write(&task("PayOrder"), &paid(Some(Box::new(untold)))),
            write(&task("GetOrder"), &Ok(Reply::Order(Box::new(view.clone())))),
            write(&task("CreateOrder"), &Ok(Reply::Created(view.guid))),
            write(&task("CompleteOrder"), &Ok(Reply::Completed { total: view.total })),
            write(&task("RemovePrepayOrder"), &Ok(Reply::Unpaid)),
            write(&task("CancelOrder"), &Ok(Reply::Cancelled)),
            state(Some("A-1"), Stage::There(OrderStatus::Created)),
            state(None, Stage::Confirmed),
            state(None, Stage::CreationError(not_created)),
            write(&task("GetOrderList"), &Ok(Reply::Orders(vec![listed]))),
            write(&task("PayOrder"), &Err(exceeds)),
            write(&task("PayOrder"), &Err(undone(&task("PayOrder"), Undone::TimedOut))),
            write(&task("PayOrder"), &Err(undone(&task("PayOrder"), Undone::Failed))),
            error(&Common::default(), &Refusal::new(Code::License, "no right")),
        ];
        insta::assert_snapshot!(answers.join("\n"));
        for answer in &answers {
            let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
            let schema = match answer["responseCommon"]["taskType"].as_str() {
                Some(task_type) => format!("{task_type}Answer"),
                None => "Refusal".into(),
            };
            let schema = crate::contracts::schemas::closed(&crate::protocols::ALL, &schema);
            jsonschema::validate(&schema, &answer).unwrap();
        }
    }

    #[test]
    fn the_reason_of_an_answer_is_read_back_as_it_was_written() {
        let task = task("CreateOrder");
        let refused = Refusal::new(Code::WsaDuplicateOrder, "\"A-1\" is taken");
        let undone =
            [Undone::TimedOut, Undone::Failed, Undone::Cancelled].map(|why| undone(&task, why));
        for refusal in undone.into_iter().chain([refused]) {
            let told = reason(&refusal);
            assert!(!told.message.is_empty());
            assert_eq!(read_error(&write(&task, &Err(refusal))), Some(told));
        }
        let done = Ok(Reply::Created(OrderGuid(Uuid::from_u128(3))));
        assert_eq!(read_error(&write(&task, &done)), None);
    }
}
