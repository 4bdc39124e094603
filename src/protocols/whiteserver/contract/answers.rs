//! An example of every answer, written by the code that writes the real ones.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::examples::{self, ORDER, TASK, TOTAL_KOPECKS, V1, V2};
use super::reads;
use crate::domain::money::Money;
use crate::domain::outbox::{Content, EventType, Notification, NotificationId, SubscriptionId};
use crate::domain::task::{AggregatorId, ClaimedTask, CurrencyGuid, TaskKey};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::patch_order::FieldPatch;
use crate::protocols::whiteserver::command::{OrderContent, PatchOrder, TableCode};
use crate::protocols::whiteserver::model::{CurrencyKind, OrderStatus, Title};
use crate::protocols::whiteserver::reply::{
    AppliedPayment, Code, ListedOrder, OrderStateView, OrderView, Patched, Refusal, Reply, Stage,
};
use crate::protocols::whiteserver::wire::answer::Common;
use crate::protocols::whiteserver::wire::request::GET_AGENT_LIST;
use crate::protocols::whiteserver::wire::{answer, event, listen};

const AGENT: Uuid = uuid!("a63d8b95-8ea0-483c-8db3-eac3692bcbf2");
const EVENT: Uuid = uuid!("01a201f0-bfcf-74b6-b2fe-0000000000e1");
/// 2026-11-22T12:00:00Z.
const NOON_S: i64 = 1_795_348_800;
/// What is paid of the order that is read, in kopecks.
const PREPAID_KOPECKS: i64 = 10_000;

fn noon() -> Timestamp {
    Timestamp::from_second(NOON_S).unwrap_or_default()
}

fn kopecks(kopecks: i64) -> Money {
    Money::from_kopecks(kopecks).unwrap_or_default()
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

fn task(task_type: &str) -> ClaimedTask {
    ClaimedTask {
        key: TaskKey { object: V2, guid: TASK },
        aggregator: AggregatorId(1),
        task_type: task_type.into(),
        agent_guid: Some(AGENT),
        registered_at: noon(),
        deadline: noon(),
        sync: false,
        replied: false,
        paused: false,
        cancellation: None,
    }
}

fn order(status: OrderStatus, due: i64) -> OrderView {
    // From the text: amounts are read from it.
    let content: OrderContent =
        serde_json::from_str(&examples::new_order().to_string()).unwrap_or_default();
    OrderView {
        guid: ORDER,
        status,
        bill_printed: false,
        total: kopecks(TOTAL_KOPECKS),
        due: kopecks(due),
        created_at: noon(),
        zone: TimeZone::default(),
        waiter: Some(7),
        content,
        payments: None,
    }
}

fn state(status: OrderStatus) -> OrderStateView {
    OrderStateView {
        guid: ORDER,
        original_order_id: Some("A-1".into()),
        stage: Stage::There(status),
        bill_printed: false,
        substate: None,
        rejected: None,
    }
}

fn prepayment() -> AppliedPayment {
    let title = Title { name: "Cash".into(), kind: CurrencyKind::Cash };
    AppliedPayment {
        amount: kopecks(PREPAID_KOPECKS),
        written_off: Money::ZERO,
        currency: CurrencyGuid(examples::CASH),
        title: Some(title),
        taken_at: TimeZone::default().at(noon()),
    }
}

/// The answers of tasks that were done, with their task types.
pub(super) fn done() -> Vec<(&'static str, Value)> {
    let prepaid = TOTAL_KOPECKS - PREPAID_KOPECKS;
    let view =
        OrderView { payments: Some(vec![prepayment()]), ..order(OrderStatus::Created, prepaid) };
    let paid = |due, full| Reply::Paid { total: kopecks(TOTAL_KOPECKS), due: kopecks(due), full };
    let state = state(OrderStatus::Created);
    let listed = ListedOrder {
        guid: ORDER,
        table_code: Some(TableCode::Number(12)),
        total: kopecks(TOTAL_KOPECKS),
        due: kopecks(prepaid),
        waiter: None,
        finished: false,
        opened_at: TimeZone::default().at(noon()),
        minutes: 61,
        payments: vec![prepayment()],
    };
    let closed = order(OrderStatus::Complited, 0);
    let replies = [
        ("PayOrder", paid(0, None)),
        ("PayOrder", paid(0, Some(Box::new(closed)))),
        ("AddPrepayOrder", paid(50_000, None)),
        ("RemovePrepayOrder", Reply::Unpaid),
        ("CompleteOrder", Reply::Completed { total: kopecks(TOTAL_KOPECKS) }),
        ("CancelOrder", Reply::Cancelled),
        ("PrintBill", Reply::Billed),
        ("UndoBill", Reply::Billed),
        (
            "UpdateOrder",
            Reply::Updated { guid: ORDER, total: kopecks(52_884), due: kopecks(52_884) },
        ),
        ("PatchOrder", Reply::Patched(patched())),
        ("CancelTask", Reply::Cancelled),
        ("CreateOrder", Reply::Created(ORDER)),
        ("GetOrder", Reply::Order(Box::new(view))),
        ("GetOrderState", Reply::State(state)),
        ("GetOrderList", Reply::Orders(vec![listed])),
    ];
    let written =
        |(task_type, reply)| (task_type, read(&answer::write(&task(task_type), &Ok(reply))));
    let agents = (GET_AGENT_LIST, reads::agents());
    replies.into_iter().chain(reads::replies(noon())).map(written).chain([agents]).collect()
}

fn patched() -> Vec<Patched> {
    let mut content = OrderContent::default();
    let patch = serde_json::from_value::<PatchOrder>(examples::patch()).ok();
    let fields = patch.map(|patch| patch.fields).unwrap_or_default();
    let mut apply =
        |field: FieldPatch| Patched { error: field.apply(&mut content).err(), name: field.name };
    fields.into_iter().map(&mut apply).collect()
}

fn common() -> Common<'static> {
    Common {
        task_guid: Some(TASK),
        task_type: Some("PayOrder"),
        object_id: Some(V1),
        agent_guid: None,
    }
}

/// A task that was accepted.
pub(super) fn accepted() -> Value {
    read(&answer::accepted(&common()))
}

/// A task that was refused.
pub(super) fn refused() -> Value {
    let desc = "518.86 was offered, but only 518.85 of 518.85 is due: nothing was taken";
    let refusal = Refusal::new(Code::WsaPaymentExceedsDue, desc);
    read(&answer::error(&Common { agent_guid: Some(AGENT), ..common() }, &refusal))
}

/// A request that was refused with this code.
pub(super) fn refused_at_once(code: Code, desc: &str) -> Value {
    read(&answer::error(&Common::default(), &Refusal::new(code, desc)))
}

/// Nothing to listen to.
pub(super) fn nothing() -> Value {
    read(listen::NO_OPERATIONS)
}

fn notification(event_type: EventType) -> Notification {
    let order_json = match event_type {
        EventType::OrderChanged => answer::write_order(&order(OrderStatus::Complited, 0)),
        EventType::OrderStatusChanged => answer::write_state(&state(OrderStatus::Complited)),
    };
    Notification {
        id: NotificationId { subscription: SubscriptionId(1), delivery: 1 },
        object: V2,
        subject: EVENT,
        attempt: 1,
        added_at: noon(),
        content: Content::Event {
            event_type,
            order: ORDER,
            occurred_at: TimeZone::default().at(noon()),
            agent: Some(AGENT),
            version: Some(3),
            order_json,
        },
    }
}

/// An event that was listened for.
pub(super) fn event(event_type: EventType) -> Value {
    read(&event::queue(&notification(event_type)))
}

/// An event that is posted.
pub(super) fn event_callback(event_type: EventType) -> Value {
    read(&event::webhook(&notification(event_type)))
}

/// What tries a callback.
pub(super) fn ping() -> Value {
    json!({"ping": true})
}
