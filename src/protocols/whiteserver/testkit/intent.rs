//! What a client wants: one task, named by its own key, handed in until it is known to be accepted.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use crate::domain::task::{ObjectId, TaskGuid};

/// A restaurant whose payments are prepayments, and one whose payments close the order.
pub(super) const OBJECTS: [ObjectId; 2] = [ObjectId(1), ObjectId(2)];
pub(super) const CASH: Uuid = uuid!("c0000000-0000-4000-8000-000000000001");
/// The salt of the aggregator's guids.
pub(super) const SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000001");
/// How many open orders each restaurant begins with.
pub(super) const ORDERS: u128 = 3;

/// An order that is there from the beginning.
pub(super) fn order(object: ObjectId, number: u128) -> (Uuid, i64) {
    let guid = Uuid::from_u128((u128::from(object.0.unsigned_abs()) << 64) + number + 1);
    let total = 10_000 + i64::try_from(number).unwrap() * 4_935;
    (guid, total)
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pay,
    Prepay,
    RemovePrepay,
    Complete,
    Cancel,
    Create,
    Update,
    Patch,
    Bill,
    NoBill,
    Look,
    Tables,
    CancelTask,
}

/// One task.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub key: String,
    pub guid: TaskGuid,
    pub object: ObjectId,
    pub kind: Kind,
    /// The order, where it names one.
    pub order: Option<Uuid>,
    /// In kopecks, where money moves; of an update, what the order then costs.
    pub amount: i64,
    pub sync: bool,
    pub body: String,
    /// Whether it is not to begin at once.
    pub scheduled: bool,
    /// The task that it is to cancel; there may be none.
    pub target: Option<TaskGuid>,
    /// Whether it is beside a task that cannot be written.
    pub neighbour: bool,
}

impl Intent {
    pub(super) fn of(dice: &mut SmallRng, now: Timestamp, client: usize, number: usize) -> Intent {
        let key = key_of(client, number);
        let object = OBJECTS[dice.random_range(0..OBJECTS.len())];
        let (order, total) = order(object, dice.random_range(0..ORDERS));
        let kind = match dice.random_range(0..20) {
            0..7 => Kind::Pay,
            7 => [Kind::Update, Kind::Bill, Kind::Update, Kind::Patch, Kind::NoBill][number % 5],
            8..12 => Kind::Prepay,
            12..14 => Kind::RemovePrepay,
            14 => Kind::Complete,
            15 => Kind::Cancel,
            16..18 => Kind::Create,
            18 => Kind::CancelTask,
            _ if number % 2 == 1 => Kind::Tables,
            _ => Kind::Look,
        };
        // Often what is due, sometimes part of it, sometimes too much.
        let amount = match dice.random_range(0..6) {
            0..3 => total,
            3..5 => dice.random_range(1..total),
            _ => total + 1,
        };
        // Some have no time to lose, some outlast every fault.
        let timeout_s = match dice.random_range(0..4) {
            0 => dice.random_range(1..5),
            1 => dice.random_range(5..30),
            _ => 120,
        };
        let sync = dice.random_bool(0.4);
        let mut params = kind.params(order, amount, &key);
        // A task of anybody's, if it is one of the same restaurant.
        let target = (kind == Kind::CancelTask).then(|| {
            let (client, number) = (dice.random_range(0..5), dice.random_range(0..4));
            TaskGuid::derived(SALT, &key_of(client, number))
        });
        if let Some(target) = target {
            params["taskGuid"] = json!(target);
        }
        let target_of = if sync { "sync" } else { "async" };
        params[target_of] = json!({"objectId": object.0, "timeout": timeout_s});
        let scheduled = !sync && dice.random_bool(0.2);
        if scheduled {
            let wait = SignedDuration::from_millis(dice.random_range(-1_000..8_000));
            params[target_of]["notBefore"] = json!(now + wait);
        }
        let body = json!({"taskType": kind.task_type(), "params": params}).to_string();
        let guid = TaskGuid::derived(SALT, &key);
        let order = params["orderGuid"].is_string().then_some(order);
        let neighbour = false;
        Intent { key, guid, object, kind, order, amount, sync, body, scheduled, target, neighbour }
    }
}

impl Intent {
    /// To cancel another one, which may not be there yet, or answered.
    pub(super) fn cancelling(other: &Intent) -> Intent {
        let (key, object) = (format!("cancel {}", other.key), other.object);
        let params =
            json!({"taskGuid": other.guid, "async": {"objectId": object.0, "timeout": 60}});
        let kind = Kind::CancelTask;
        Intent {
            guid: TaskGuid::derived(SALT, &key),
            key,
            object,
            kind,
            order: None,
            amount: 0,
            sync: false,
            body: json!({"taskType": kind.task_type(), "params": params}).to_string(),
            scheduled: false,
            target: Some(other.guid),
            neighbour: false,
        }
    }
}

impl Kind {
    fn params(self, order: Uuid, amount: i64, key: &str) -> Value {
        match self {
            Kind::Pay => {
                let line = json!({"amount": shown(amount), "currency": CASH});
                json!({"orderGuid": order, "payments": [line]})
            }
            Kind::Prepay => {
                json!({"orderGuid": order, "amount": shown(amount), "currencyGuid": CASH})
            }
            Kind::Create => json!({"order": {"originalOrderId": key, "products": [
                {"id": "1", "name": "Pie", "price": "49.35", "quantity": 2}],
                "price": {"total": "98.70"}}}),
            Kind::Update => json!({"orderGuid": order, "products": [
                {"id": "1", "name": "Pie", "price": shown(amount), "quantity": 1}]}),
            Kind::Patch => json!({"orderGuid": order, "fields": [
                {"name": "Comment", "value": key}, {"name": "Delivery.Address", "value": "B"}]}),
            Kind::CancelTask => json!({}),
            _ => json!({ "orderGuid": order }),
        }
    }

    pub(super) fn task_type(self) -> &'static str {
        match self {
            Kind::Pay => "PayOrder",
            Kind::Prepay => "AddPrepayOrder",
            Kind::RemovePrepay => "RemovePrepayOrder",
            Kind::Complete => "CompleteOrder",
            Kind::Cancel => "CancelOrder",
            Kind::Create => "CreateOrder",
            Kind::Update => "UpdateOrder",
            Kind::Patch => "PatchOrder",
            Kind::Bill => "PrintBill",
            Kind::NoBill => "UndoBill",
            Kind::Look => "GetOrder",
            Kind::Tables => "GetTableList",
            Kind::CancelTask => "CancelTask",
        }
    }

    /// Whether money comes in by it.
    pub(super) fn pays(self) -> bool {
        matches!(self, Kind::Pay | Kind::Prepay)
    }

    /// Whether it may take payments back.
    pub(super) fn removes(self) -> bool {
        matches!(self, Kind::RemovePrepay | Kind::Cancel)
    }
}

fn key_of(client: usize, number: usize) -> String {
    format!("client {client}, task {number}")
}

/// The question for the answer of a task.
pub(super) fn poll(guid: TaskGuid, wait_s: u64) -> String {
    let question: Value = json!({"taskGuid": guid, "wait": wait_s});
    json!({"taskType": "GetTaskResponse", "params": question}).to_string()
}

fn shown(kopecks: i64) -> String {
    format!("{}.{:02}", kopecks / 100, kopecks % 100)
}
