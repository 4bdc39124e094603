//! The books: every order, payment and task of a store, read past the program, and whether they agree.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;
use wsa::domain::task::{OrderGuid, TaskGuid};

use super::ask::code;
use super::place::Place;

/// The tasks that pay.
const PAYING: [&str; 3] = ["PayOrder", "AddPrepayOrder", "TillPayOrder"];

#[derive(Debug, Clone)]
pub struct OrderRow {
    pub object: i64,
    pub guid: Uuid,
    pub status: String,
    pub total: i64,
    pub paid: i64,
    pub closed: bool,
}

#[derive(Debug, Clone)]
pub struct PaymentRow {
    pub object: i64,
    pub task: Uuid,
    pub line: i64,
    pub order: Uuid,
    pub currency: Uuid,
    pub amount: i64,
    pub written_off: i64,
    pub card: Option<String>,
    pub promised: bool,
    pub removed_by: Option<Uuid>,
}

#[derive(Debug, Clone)]
pub struct TaskRow {
    pub object: i64,
    pub guid: Uuid,
    pub kind: String,
    pub outcome: Option<String>,
    pub answer: Option<String>,
}

/// All of it; amounts in kopecks.
#[derive(Debug, Clone)]
pub struct Books {
    pub orders: HashMap<Uuid, OrderRow>,
    pub payments: Vec<PaymentRow>,
    pub tasks: HashMap<Uuid, TaskRow>,
}

impl Books {
    pub async fn read(place: &Place) -> Books {
        let orders = format!(
            "SELECT object_id, order_guid, status, {}, {}, closed_at FROM orders",
            place.in_kopecks("total"),
            place.in_kopecks("paid")
        );
        let payments = format!(
            "SELECT object_id, task_guid, line, order_guid, currency_guid, {}, {}, card_code,
                    promised, removed_by
             FROM payments ORDER BY object_id, task_guid, line",
            place.in_kopecks("amount"),
            place.in_kopecks("written_off")
        );
        let tasks = "SELECT object_id, task_guid, task_type, outcome, answer FROM tasks";
        let order = |row: Vec<Option<String>>| OrderRow {
            object: read(&row[0]),
            guid: read(&row[1]),
            status: read(&row[2]),
            total: read(&row[3]),
            paid: read(&row[4]),
            closed: row[5].is_some(),
        };
        let payment = |row: Vec<Option<String>>| PaymentRow {
            object: read(&row[0]),
            task: read(&row[1]),
            line: read(&row[2]),
            order: read(&row[3]),
            currency: read(&row[4]),
            amount: read(&row[5]),
            written_off: read(&row[6]),
            card: row[7].clone(),
            promised: matches!(row[8].as_deref(), Some("1" | "t" | "true")),
            removed_by: row[9].as_ref().map(|_| read(&row[9])),
        };
        let task = |row: Vec<Option<String>>| TaskRow {
            object: read(&row[0]),
            guid: read(&row[1]),
            kind: read(&row[2]),
            outcome: row[3].clone(),
            answer: row[4].clone(),
        };
        let orders = place.rows(&orders).await.into_iter().map(order);
        let tasks = place.rows(tasks).await.into_iter().map(task);
        Books {
            orders: orders.map(|order| (order.guid, order)).collect(),
            payments: place.rows(&payments).await.into_iter().map(payment).collect(),
            tasks: tasks.map(|task| (task.guid, task)).collect(),
        }
    }

    pub fn order(&self, guid: OrderGuid) -> &OrderRow {
        &self.orders[&guid.0]
    }

    pub fn task(&self, guid: TaskGuid) -> &TaskRow {
        &self.tasks[&guid.0]
    }

    pub fn outcome(&self, guid: TaskGuid) -> Option<&str> {
        self.task(guid).outcome.as_deref()
    }

    pub fn payments_of(&self, order: OrderGuid) -> Vec<&PaymentRow> {
        self.payments.iter().filter(|payment| payment.order == order.0).collect()
    }

    /// How many tasks have this outcome.
    pub fn count(&self, outcome: Option<&str>) -> usize {
        self.tasks.values().filter(|task| task.outcome.as_deref() == outcome).count()
    }

    /// An order stands so.
    pub fn assert_order(&self, order: OrderGuid, paid: i64, status: &str) {
        let row = self.order(order);
        assert_eq!((row.paid, row.status.as_str()), (paid, status), "{row:?}");
    }

    /// Nothing was taken of an order.
    pub fn assert_untouched(&self, order: OrderGuid) {
        let row = self.order(order);
        assert_eq!((row.paid, row.status.as_str(), row.closed), (0, "Created", false), "{row:?}");
        assert!(self.payments_of(order).is_empty(), "{:?}", self.payments_of(order));
    }

    /// The promises, as far as rows can show them: orders hold what their payments add up to that were
    /// not removed, a task paid if and only if it was done, what was removed was removed by a task that
    /// does that, and each answer says what its outcome says.
    pub fn assert_sound(&self) {
        let mut sums: HashMap<Uuid, i64> = HashMap::new();
        let mut paying = HashSet::new();
        for payment in &self.payments {
            match payment.removed_by {
                None => {
                    *sums.entry(payment.order).or_default() += payment.amount + payment.written_off;
                }
                Some(by) => self.assert_removes(by, payment),
            }
            paying.insert(payment.task);
            let task = self.tasks.get(&payment.task);
            let task = task.unwrap_or_else(|| panic!("a payment without a task: {payment:?}"));
            // What an order is created with is paid already.
            let creates = task.kind == "CreateOrder" && payment.order == task.guid;
            assert!(creates || PAYING.contains(&task.kind.as_str()), "{payment:?} by {task:?}");
            assert_eq!(task.object, payment.object);
            assert_eq!(task.outcome.as_deref(), Some("done"), "{payment:?} of {task:?}");
            assert_eq!(self.orders[&payment.order].object, payment.object, "{payment:?}");
        }
        for order in self.orders.values() {
            assert_eq!(sums.get(&order.guid).copied().unwrap_or(0), order.paid, "{order:?}");
            assert!((0..=order.total).contains(&order.paid), "{order:?}");
            assert_eq!(order.status != "Created", order.closed, "{order:?}");
            assert!(order.status != "Canceled" || order.paid == 0, "{order:?}");
        }
        for task in self.tasks.values() {
            let Some(outcome) = &task.outcome else { continue };
            let of_others = ["activeplatform.", "ticketscloud.", "billmanager."];
            if of_others.iter().any(|of| task.kind.starts_with(of)) {
                // Their answers are of another form, their money is in other tables: see there.
                continue;
            }
            let done = outcome == "done";
            if PAYING.contains(&task.kind.as_str()) {
                assert_eq!(done, paying.contains(&task.guid), "{task:?}");
            }
            let answer: Value = serde_json::from_str(task.answer.as_ref().unwrap()).unwrap();
            if task.kind.starts_with("Till") {
                // Answered in a form of their own.
                assert_eq!(answer["body"].get("error").is_none(), done, "{task:?}");
                assert_eq!(answer["status"] == 504, outcome == "timeout", "{task:?}");
                continue;
            }
            assert_eq!(answer["responseCommon"]["taskGuid"], task.guid.to_string(), "{task:?}");
            assert_eq!(answer.get("taskResponse").is_some(), done, "{task:?}");
            assert_eq!(code(&answer) == "done", done, "{task:?}");
            assert_eq!(code(&answer) == "Timeout", outcome == "timeout", "{task:?}");
        }
    }

    fn assert_removes(&self, by: Uuid, payment: &PaymentRow) {
        let task = &self.tasks[&by];
        let removes =
            ["RemovePrepayOrder", "CancelOrder", "TillCancelOrder"].contains(&task.kind.as_str());
        assert!(removes, "{payment:?} was removed by {task:?}");
        assert_eq!((task.outcome.as_deref(), task.object), (Some("done"), payment.object));
    }

    /// Each order was paid whole, by one task.
    pub fn assert_paid_once(&self, orders: &[OrderGuid]) {
        for order in orders {
            let (row, payments) = (self.order(*order), self.payments_of(*order));
            assert_eq!((row.paid, payments.len()), (row.total, 1), "{row:?} {payments:?}");
        }
    }
}

fn read<T: std::str::FromStr>(column: &Option<String>) -> T {
    let text = column.as_ref().expect("a value");
    text.parse().unwrap_or_else(|_| panic!("cannot read {text:?}"))
}
