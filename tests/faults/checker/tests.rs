//! Forged observations: each breaks one rule.

use wsa::domain::task::ObjectId;

use super::*;
use crate::scenario::{Scenario, V1, V2, Way};
use crate::support::books::{OrderRow, TaskRow};
use crate::till::{Seen, TillLog};

/// Three scenarios: two payments at once at a restaurant of version 2, one of them refused; a prepayment that is
/// taken back; a payment that was too late.
fn sound() -> (Observations, Books) {
    let mut forger = Forger::default();
    let pay = Deed::Pay(vec![(10_00, CASH), (5_55, CASH)]);
    forger.scenario(
        V2[0],
        15_55,
        vec![vec![(pay.clone(), "done", Some(0)), (pay, "WsaOrderClosed", None)]],
    );
    forger.order("Complited", 15_55);
    let steps =
        vec![vec![(Deed::Prepay(7_00), "done", Some(3_00))], vec![(Deed::Unprepay, "done", None)]];
    forger.scenario(V1[0], 10_00, steps);
    forger.order("Created", 0);
    let remover = forger.observations.scenarios[1].heard[1][0].guids[0];
    forger.books.payments.last_mut().unwrap().removed_by = Some(remover);
    let late = Deed::Pay(vec![(20_00, CASH)]);
    forger.scenario(V2[1], 20_00, vec![vec![(late, "Timeout", None)]]);
    forger.order("Created", 0);
    (forger.observations, forger.books)
}

struct Forger {
    observations: Observations,
    books: Books,
}

impl Default for Forger {
    fn default() -> Forger {
        let books = Books { orders: HashMap::new(), payments: Vec::new(), tasks: HashMap::new() };
        Forger {
            observations: Observations {
                scenarios: Vec::new(),
                strays: Vec::new(),
                errands: Vec::new(),
                till: TillLog::default(),
            },
            books,
        }
    }
}

impl Forger {
    /// Each wish with its answer's code and what it says is due afterwards.
    fn scenario(
        &mut self,
        object: ObjectId,
        total: i64,
        told: Vec<Vec<(Deed, &'static str, Option<i64>)>>,
    ) {
        let wish = |(deed, _, _): &(Deed, _, _)| Wish {
            deed: Deed::clone(deed),
            way: Way::Poll,
            timeout_s: None,
        };
        let steps = told.iter().map(|step| step.iter().map(wish).collect()).collect();
        let mut log = ScenarioLog {
            scenario: Scenario { object, total, steps },
            order: Uuid::new_v4(),
            heard: Vec::new(),
        };
        for step in told {
            let mut heard = Vec::new();
            for (deed, code, due) in step {
                let guid = Uuid::new_v4();
                let text = answer(guid, code, due.map(|due| (total, due)));
                if code == "done" {
                    let wish = Wish { deed, way: Way::Poll, timeout_s: None };
                    self.pay(guid, &log, &wish);
                }
                self.task(object, guid, &text);
                let answers = vec![text.into()];
                heard.push(Heard { asked: true, guids: vec![guid], answers, ..Heard::default() });
            }
            log.heard.push(heard);
        }
        self.observations.scenarios.push(log);
    }

    fn pay(&mut self, task: Uuid, log: &ScenarioLog, wish: &Wish) {
        for (line, ((object, order), amount, written_off, currency)) in
            (0..).zip(expected(log, wish))
        {
            self.books.payments.push(PaymentRow {
                object,
                task,
                line,
                order,
                currency,
                amount,
                written_off,
                card: None,
                promised: false,
                removed_by: None,
            });
        }
    }

    fn task(&mut self, object: ObjectId, guid: Uuid, text: &str) {
        let (kind, outcome) = ("PayOrder".into(), Some("done".into()));
        let answer = Some(text.into());
        self.books.tasks.insert(guid, TaskRow { object: object.0, guid, kind, outcome, answer });
    }

    /// The order of the last scenario.
    fn order(&mut self, status: &str, paid: i64) {
        let log = self.observations.scenarios.last().unwrap();
        let (guid, object, total) = (log.order, log.scenario.object.0, log.scenario.total);
        let closed = status != "Created";
        let row = OrderRow { object, guid, status: status.into(), total, paid, closed };
        self.books.orders.insert(guid, row);
    }
}

fn answer(guid: Uuid, code: &str, price: Option<(i64, i64)>) -> String {
    let common = format!(r#""responseCommon":{{"taskGuid":"{guid}"}}"#);
    let amount = |kopecks: i64| format!("{}.{:02}", kopecks / 100, kopecks % 100);
    match (code, price) {
        ("done", None) => format!(r#"{{"taskResponse":{{}},{common}}}"#),
        ("done", Some((total, due))) => format!(
            r#"{{"taskResponse":{{"order":{{"price":{{"total":{},"summToPay":{}}}}}}},{common}}}"#,
            amount(total),
            amount(due)
        ),
        _ => format!(r#"{{{common},"error":{{"agentError":{{"code":"{code}"}}}}}}"#),
    }
}

/// The rules that are broken after this forgery.
fn broken(forge: impl FnOnce(&mut Observations, &mut Books)) -> Vec<&'static str> {
    let (mut observations, mut books) = sound();
    forge(&mut observations, &mut books);
    let mut rules: Vec<_> =
        check(&observations, &books).into_iter().map(|breach| breach.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn first(observations: &mut Observations) -> &mut Heard {
    &mut observations.scenarios[0].heard[0][0]
}

/// Has the refused payment of the first scenario and the store say another code.
fn says(
    observations: &mut Observations,
    books: &mut Books,
    code: &str,
    price: Option<(i64, i64)>,
) -> Uuid {
    let heard = &mut observations.scenarios[0].heard[0][1];
    let text = answer(heard.guids[0], code, price);
    heard.answers = vec![text.as_str().into()];
    books.tasks.get_mut(&heard.guids[0]).unwrap().answer = Some(text);
    heard.guids[0]
}

/// One more payment line, as the first one but by this task.
fn paid_by(books: &mut Books, task: Uuid) {
    let line = PaymentRow { task, ..books.payments[0].clone() };
    books.orders.get_mut(&line.order).unwrap().paid += line.amount;
    books.payments.push(line);
}

#[test]
fn what_is_sound_passes() {
    assert_eq!(broken(|_, _| {}), [""; 0]);
}

#[test]
fn a_task_without_an_answer_is_found() {
    assert_eq!(
        broken(|observations, _| first(observations).answers.clear()),
        ["answered", "possible"]
    );
}

#[test]
fn a_lost_task_is_found() {
    assert_eq!(broken(|observations, _| first(observations).unknown = true), ["kept"]);
    let lost = |observations: &mut Observations, books: &mut Books| {
        books.tasks.remove(&first(observations).guids[0]);
    };
    assert_eq!(broken(lost), ["kept"]);
}

#[test]
fn a_request_that_became_two_tasks_is_found() {
    assert_eq!(
        broken(|observations, _| first(observations).guids.push(Uuid::new_v4())),
        ["one task"]
    );
}

#[test]
fn two_answers_are_found() {
    assert_eq!(
        broken(|observations, _| first(observations).answers.push("{}".into())),
        ["one answer"]
    );
}

#[test]
fn nonsense_is_found() {
    assert_eq!(
        broken(|observations, _| first(observations).odd.push("500".into())),
        ["understood"]
    );
}

#[test]
fn an_answer_that_the_store_does_not_have_is_found() {
    let other = |observations: &mut Observations, books: &mut Books| {
        books.tasks.get_mut(&first(observations).guids[0]).unwrap().answer = Some("{}".into());
    };
    assert_eq!(broken(other), ["as told"]);
}

#[test]
fn a_success_without_its_payment_is_found() {
    assert_eq!(broken(|_, books| drop(books.payments.remove(0))), ["paid as told", "sums"]);
    let short = |_: &mut Observations, books: &mut Books| books.payments[0].amount -= 1;
    assert_eq!(broken(short), ["paid as told", "sums"], "a kopeck is missing");
    let moved = |observations: &mut Observations, books: &mut Books| {
        books.payments[0].order = observations.scenarios[2].order;
    };
    assert_eq!(broken(moved), ["paid as told", "sums"], "the money is with another order");
}

#[test]
fn a_timeout_with_a_payment_is_found() {
    let late = |observations: &mut Observations, books: &mut Books| {
        let task = observations.scenarios[2].heard[0][0].guids[0];
        let order = observations.scenarios[2].order;
        let line = PaymentRow { task, order, ..books.payments[0].clone() };
        books.orders.get_mut(&order).unwrap().paid += line.amount;
        books.payments.push(line);
    };
    assert_eq!(broken(late), ["sums", "timeout means no"]);
}

#[test]
fn a_refusal_with_a_payment_is_found() {
    let refused = |observations: &mut Observations, books: &mut Books| {
        paid_by(books, observations.scenarios[0].heard[0][1].guids[0]);
    };
    assert_eq!(broken(refused), ["refused means no", "sums"]);
}

#[test]
fn an_order_paid_twice_is_found() {
    let twice = |observations: &mut Observations, books: &mut Books| {
        let task = says(observations, books, "done", Some((15_55, 0)));
        let again: Vec<_> =
            books.payments[..2].iter().map(|line| PaymentRow { task, ..line.clone() }).collect();
        books.payments.extend(again);
    };
    assert_eq!(broken(twice), ["possible", "sums"]);
}

#[test]
fn a_refusal_without_a_reason_is_found() {
    let refused = |observations: &mut Observations, books: &mut Books| {
        says(observations, books, "WsaPaymentNotEqualDue", None);
    };
    assert_eq!(broken(refused), ["possible"]);
}

#[test]
fn an_order_in_another_state_is_found() {
    let reopened = |observations: &mut Observations, books: &mut Books| {
        books.orders.get_mut(&observations.scenarios[0].order).unwrap().status = "Created".into();
    };
    assert_eq!(broken(reopened), ["sums"]);
}

#[test]
fn a_callback_that_did_not_come_is_found() {
    let silent = |observations: &mut Observations, _: &mut Books| {
        observations.scenarios[1].scenario.steps[0][0].way = Way::Callback;
    };
    assert_eq!(broken(silent), ["posted"]);
}

#[test]
fn what_nobody_asked_for_is_found() {
    assert_eq!(broken(|observations, _| observations.strays.push(Uuid::new_v4())), ["unasked"]);
    assert_eq!(broken(|_, books| paid_by(books, Uuid::new_v4())), ["sums", "unasked"]);
    let task = |_: &mut Observations, books: &mut Books| {
        let task = TaskRow { guid: Uuid::new_v4(), ..books.tasks.values().next().unwrap().clone() };
        books.tasks.insert(task.guid, task);
    };
    assert_eq!(broken(task), ["unasked"]);
}

#[test]
fn a_till_hears_each_change_once_at_least_and_in_order() {
    let seen = |version: i64, total: i64| Seen {
        order: Uuid::from_u128(77),
        version,
        task: Uuid::from_u128(version.unsigned_abs().into()),
        total,
    };
    let told = |forge: fn(&mut TillLog)| {
        let (mut observations, mut books) = sound();
        observations.till.done = vec![seen(1, 100), seen(2, 200), seen(3, 300)];
        observations.till.events = (1..4).map(|n| (n, seen(n, 100 * n))).collect();
        let (guid, object) = (Uuid::from_u128(77), crate::till::OBJECT.0);
        let status = "Created".to_owned();
        let order = OrderRow { object, guid, status, total: 300, paid: 0, closed: false };
        books.orders.insert(guid, order);
        forge(&mut observations.till);
        let mut rules: Vec<_> = check(&observations, &books).into_iter().map(|b| b.rule).collect();
        rules.dedup();
        rules
    };
    assert_eq!(told(|_| {}), Vec::<&str>::new());
    let lost = told(|log| log.events.retain(|cursor, _| *cursor != 2));
    assert_eq!(lost, ["heard"], "one was not heard of");
    let mixed = told(|log| {
        let (two, three) = (log.events[&2].clone(), log.events[&3].clone());
        log.events.extend([(2, three), (3, two)]);
    });
    assert_eq!(mixed, ["heard", "kept at the till"], "they came in another order");
    let unheard = told(|log| log.done[0].total = 101);
    assert_eq!(unheard, ["heard"], "what was told is another change than what was heard of");
    let undone = told(|log| {
        let mut fourth = log.done[2].clone();
        (fourth.version, fourth.total) = (4, 400);
        log.done.push(fourth.clone());
        log.events.insert(4, fourth);
    });
    assert_eq!(undone, ["kept at the till"], "the books know nothing of it");
    let odd = told(|log| log.odd.push("500".into()));
    assert_eq!(odd, ["understood"]);
}
