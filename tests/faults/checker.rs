//! Holds the books against what clients were told. It knows nothing else: not the program's code, not its
//! tables of states, not its logs.

mod errands;
mod order_model;
mod till;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use uuid::Uuid;

use self::order_model::{OrderModel, possible};
use crate::client_log::{Heard, Observations, ScenarioLog};
use crate::errand::OBJECT as ERRANDS;
use crate::reading::{self, Answer};
use crate::scenario::{Deed, Way, Wish};
use crate::site::PROBE;
use crate::support::books::{Books, PaymentRow};
use crate::support::reference::{CASH, DISCOUNT};
use crate::till::OBJECT as TILL;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub rule: &'static str,
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// The rules, each with its name in reports.
pub const RULES: [(&str, &str); 21] = [
    ("answered", "every task that was asked for has an answer"),
    ("kept", "no accepted task is unknown later"),
    ("one task", "the same request, however often it is sent, is one task"),
    ("one answer", "nobody is told two different answers to one task"),
    ("understood", "no client is told what makes no sense"),
    ("as told", "the store holds the answer that was told"),
    (
        "paid as told",
        "a payment that was told to be done is in the books, line for line, to the kopeck",
    ),
    ("timeout means no", "a task that was told to be too late has no payment"),
    ("refused means no", "a task that was refused has no payment"),
    ("unknown means no", "a task that was not found after twice its expiration has no payment"),
    (
        "not accepted means no",
        "a request that a status refused, and that was sent once, has no payment",
    ),
    ("dead means no", "a message among the dead letters that is no task has no payment"),
    ("paid once", "an errand is paid once, whoever hung up, or used its key again"),
    ("half-closed", "who closes its half of the connection is answered"),
    ("forgotten", "a key that retention has forgotten is not answered otherwise"),
    ("possible", "the answers about an order make sense, one after the other"),
    ("sums", "an order holds what its answers add up to"),
    ("posted", "every answer for a callback is posted to it"),
    ("heard", "a till hears of each change of its orders, at least once and in order"),
    ("kept at the till", "what a till was told to be done is in the books"),
    ("unasked", "there is no task and no payment that nobody asked for"),
];

/// Everything that is wrong.
pub fn check(observations: &Observations, books: &Books) -> Vec<Breach> {
    let mut payments: HashMap<Uuid, Vec<&PaymentRow>> = HashMap::new();
    for payment in &books.payments {
        payments.entry(payment.task).or_default().push(payment);
    }
    let mut check = Check { books, payments, known: HashSet::new(), breaches: Vec::new() };
    for (number, log) in observations.scenarios.iter().enumerate() {
        check.scenario(number, log);
    }
    check.errands(&observations.errands);
    check.till(&observations.till);
    check.unasked(observations);
    check.breaches
}

struct Check<'a> {
    books: &'a Books,
    /// By task.
    payments: HashMap<Uuid, Vec<&'a PaymentRow>>,
    /// The tasks that clients know.
    known: HashSet<Uuid>,
    breaches: Vec<Breach>,
}

impl Check<'_> {
    fn breach(&mut self, rule: &'static str, what: String) {
        debug_assert!(RULES.iter().any(|(name, _)| *name == rule));
        self.breaches.push(Breach { rule, what });
    }

    fn scenario(&mut self, number: usize, log: &ScenarioLog) {
        let mut models = vec![OrderModel::new(log)];
        for (n, (step, heard)) in log.scenario.steps.iter().zip(&log.heard).enumerate() {
            let mut told = Vec::new();
            for (wish, heard) in step.iter().zip(heard).filter(|(_, heard)| heard.asked) {
                let name = format!("scenario {number} of order {}, step {n}, {wish:?}", log.order);
                if let Some(answer) = self.wish(&name, log, wish, heard) {
                    told.push((&wish.deed, answer));
                }
            }
            models = possible(&models, &told);
            if models.is_empty() {
                self.breach("possible", format!("order {}, step {n}: {told:?}", log.order));
                return;
            }
        }
        self.order(log, &models);
    }

    /// One wish; gives its answer.
    fn wish(
        &mut self,
        name: &str,
        log: &ScenarioLog,
        wish: &Wish,
        heard: &Heard,
    ) -> Option<Answer> {
        self.known.extend(&heard.guids);
        if heard.unknown {
            self.breach("kept", format!("{name} was accepted as {:?}, then unknown", heard.guids));
        }
        if heard.guids.len() > 1 {
            self.breach("one task", format!("{name} is {:?}", heard.guids));
        }
        if heard.answers.len() > 1 {
            self.breach("one answer", format!("{name} is answered {:?}", heard.answers));
        }
        for odd in &heard.odd {
            self.breach("understood", format!("{name} is told {odd}"));
        }
        if wish.way == Way::Callback && !heard.notification {
            self.breach("posted", name.to_owned());
        }
        let (Some(text), Some(guid)) = (heard.answers.first(), heard.guids.first()) else {
            self.breach("answered", format!("{name}, accepted as {:?}", heard.guids));
            return None;
        };
        let Some(answer) = reading::answer(text) else {
            self.breach("understood", format!("{name} is answered {text}"));
            return None;
        };
        self.stored(name, *guid, text, &answer);
        self.paid(name, log, wish, *guid, &answer);
        Some(answer)
    }

    fn stored(&mut self, name: &str, guid: Uuid, text: &str, answer: &Answer) {
        match self.books.tasks.get(&guid) {
            Some(task) if task.answer.as_deref() == Some(text) => {}
            Some(task) => {
                self.breach("as told", format!("{name} is told {text}, the store has {task:?}"));
            }
            // A message of an upstream service that the store refused never became a task.
            None if answer.code == "InternalError" => {}
            None => self.breach("kept", format!("{name}: the store has no task {guid}")),
        }
    }

    fn paid(&mut self, name: &str, log: &ScenarioLog, wish: &Wish, guid: Uuid, answer: &Answer) {
        let mut lines: Vec<&PaymentRow> = self.payments.get(&guid).cloned().unwrap_or_default();
        lines.sort_by_key(|payment| payment.line);
        let written = |payment: &&PaymentRow| {
            let place = (payment.object, payment.order);
            (place, payment.amount, payment.written_off, payment.currency)
        };
        let written: Vec<_> = lines.iter().map(written).collect();
        let expected = match answer.code.as_str() {
            "done" => expected(log, wish),
            _ => Vec::new(),
        };
        if written != expected {
            let rule = match answer.code.as_str() {
                "done" => "paid as told",
                "Timeout" => "timeout means no",
                _ => "refused means no",
            };
            self.breach(rule, format!("{name} is told {}, the books have {lines:?}", answer.code));
        }
    }

    /// The order is as one of the possible courses of events left it.
    fn order(&mut self, log: &ScenarioLog, models: &[OrderModel]) {
        let Some(order) = self.books.orders.get(&log.order) else {
            self.breach("sums", format!("order {} is gone", log.order));
            return;
        };
        let now = (order.total, order.paid, order.status.as_str());
        if !models.iter().any(|model| (model.total, model.paid, model.status) == now) {
            self.breach("sums", format!("{order:?} should be one of {models:?}"));
        }
    }

    fn unasked(&mut self, observations: &Observations) {
        let orders: HashSet<Uuid> = observations.scenarios.iter().map(|log| log.order).collect();
        let mut sums: HashMap<Uuid, i64> = HashMap::new();
        let books = self.books;
        for payment in &books.payments {
            if payment.removed_by.is_none() {
                *sums.entry(payment.order).or_default() += payment.amount + payment.written_off;
            }
            let remover = payment.removed_by.filter(|by| !self.known.contains(by));
            let errand = payment.object == ERRANDS.0;
            if errand {
                continue;
            }
            if !self.known.contains(&payment.task) || remover.is_some() {
                self.breach("unasked", format!("{payment:?}"));
            }
        }
        for order in books.orders.values() {
            let sum = sums.get(&order.guid).copied().unwrap_or(0);
            if order.paid != sum {
                self.breach("sums", format!("{order:?} has payments of {sum}"));
            }
            if order.paid != 0 && order.object != ERRANDS.0 && !orders.contains(&order.guid) {
                self.breach("unasked", format!("{order:?} is nobody's and paid"));
            }
        }
        let others = [ERRANDS.0, TILL.0];
        for task in
            books.tasks.values().filter(|task| task.kind != PROBE && !others.contains(&task.object))
        {
            if !self.known.contains(&task.guid) {
                self.breach("unasked", format!("{task:?}"));
            }
        }
        for stray in &observations.strays {
            self.breach(
                "unasked",
                format!("a notification about task {stray}, which nobody asked for"),
            );
        }
    }
}

/// The payment lines of a wish that is done.
fn expected(log: &ScenarioLog, wish: &Wish) -> Vec<((i64, Uuid), i64, i64, Uuid)> {
    let place = (log.scenario.object.0, log.order);
    let line =
        |kopecks: i64, currency: Uuid| (place, kopecks, i64::from(currency == DISCOUNT), currency);
    match &wish.deed {
        Deed::Pay(lines) => {
            lines.iter().map(|(kopecks, currency)| line(*kopecks, *currency)).collect()
        }
        Deed::Prepay(kopecks) => vec![line(*kopecks, CASH)],
        Deed::Unprepay | Deed::Cancel => Vec::new(),
    }
}
