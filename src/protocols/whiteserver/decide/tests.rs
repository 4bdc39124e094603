//! The rules of payment, as a table of cases and as properties of any sequence of tasks.

mod applied;
mod books;
mod orders;
mod till;
mod update;

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::decide;
use crate::domain::money::Money;
use crate::domain::task::{
    AggregatorId, CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskGuid, TaskKey,
};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::{Command, PayOrder, PaymentLine, Task};
use crate::protocols::whiteserver::model::{
    AgentVersion, CurrencyKind, ObjectRules, Order, OrderState, OrderStatus, Permits, TillSide,
};
use crate::protocols::whiteserver::reply::{Answer, Code, Reply};

const OBJECT: ObjectId = ObjectId(7);
const ASKING: AggregatorId = AggregatorId(1);
const CASH: CurrencyGuid = CurrencyGuid(Uuid::from_u128(1));
const DISCOUNT: CurrencyGuid = CurrencyGuid(Uuid::from_u128(2));
const FOREIGN: CurrencyGuid = CurrencyGuid(Uuid::from_u128(3));
const ORDER: OrderGuid = OrderGuid(Uuid::from_u128(10));

fn money(kopecks: i64) -> Money {
    Money::from_kopecks(kopecks).unwrap()
}

fn order(status: OrderStatus, total: i64, paid: i64) -> Order {
    Order {
        status,
        total: money(total),
        paid: money(paid),
        bill_printed: false,
        till: TillSide::default(),
        created_at: Timestamp::UNIX_EPOCH,
        closed_at: None,
        content: None,
        version: 1,
    }
}

fn state(version: AgentVersion, loaded: Order) -> OrderState {
    let mut state = OrderState::at(Timestamp::UNIX_EPOCH);
    let (permits, zone) = (Permits::default(), TimeZone::default());
    let rules = ObjectRules { agent_version: version, permits, zone };
    state.objects.insert(OBJECT, rules);
    state.currencies.insert((OBJECT, CASH), CurrencyKind::Cash);
    state.currencies.insert((OBJECT, DISCOUNT), CurrencyKind::FullDiscount);
    state.currencies.insert((ObjectId(8), FOREIGN), CurrencyKind::Cash);
    state.load_order(OrderKey { object: OBJECT, guid: ORDER }, loaded);
    state
}

fn pay(lines: &[(i64, CurrencyGuid)]) -> Command {
    let line = |&(amount, currency): &(i64, CurrencyGuid)| PaymentLine {
        amount: money(amount),
        currency,
        card_code: None,
    };
    Command::PayOrder(PayOrder {
        order: ORDER,
        payments: lines.iter().map(line).collect(),
        full_order: false,
    })
}

fn run(state: &mut OrderState, number: u128, command: Command) -> Answer {
    let key = TaskKey { object: OBJECT, guid: TaskGuid(Uuid::from_u128(number)) };
    decide(state, &Task { key, aggregator: ASKING, command: &command, cancellation: None })
}

/// The code of the refusal, or what remains due after a payment.
fn outcome(answer: &Answer) -> Result<i64, Code> {
    match answer {
        Ok(Reply::Paid { due, .. }) => Ok(due.kopecks()),
        Err(refusal) => Err(refusal.code),
        other => panic!("not an answer to a payment: {other:?}"),
    }
}

#[test]
fn each_rule_of_payment_has_its_case() {
    use AgentVersion::{V1, V2};
    use OrderStatus::{Canceled, Complited, Created};
    type Case<'a> = (AgentVersion, Order, &'a [(i64, CurrencyGuid)], Result<i64, Code>);
    let open = || order(Created, 10_000, 0);
    let cases: &[Case<'_>] = &[
        (V1, open(), &[(4_000, CASH)], Ok(6_000)),
        (V1, open(), &[(4_000, CASH), (6_000, CASH)], Ok(0)),
        (V1, open(), &[(10_001, CASH)], Err(Code::WsaPaymentExceedsDue)),
        (V1, open(), &[(6_000, CASH), (4_001, CASH)], Err(Code::WsaPaymentExceedsDue)),
        (V1, order(Created, 10_000, 4_000), &[(6_000, CASH)], Ok(0)),
        (V1, order(Created, 10_000, 10_000), &[(1, CASH)], Err(Code::WsaPaymentExceedsDue)),
        (V2, open(), &[(10_000, CASH)], Ok(0)),
        (V2, open(), &[(9_999, CASH)], Err(Code::WsaPaymentNotEqualDue)),
        (V2, open(), &[(10_001, CASH)], Err(Code::WsaPaymentNotEqualDue)),
        (V2, order(Created, 10_000, 4_000), &[(6_000, CASH)], Ok(0)),
        (V1, open(), &[(9_999, DISCOUNT)], Ok(0)),
        (V2, open(), &[(9_999, DISCOUNT)], Ok(0)),
        (V2, open(), &[(10_000, DISCOUNT)], Err(Code::WsaFullDiscountKopeck)),
        (V2, open(), &[(9_998, DISCOUNT)], Err(Code::WsaFullDiscountKopeck)),
        (V1, open(), &[(5_000, DISCOUNT)], Err(Code::WsaFullDiscountKopeck)),
        (V2, order(Created, 10_000, 4_000), &[(5_999, DISCOUNT)], Ok(0)),
        (V1, order(Created, 10_000, 10_000), &[(1, DISCOUNT)], Err(Code::WsaFullDiscountKopeck)),
        (V2, open(), &[(9_998, DISCOUNT), (1, CASH)], Err(Code::WsaFullDiscountMixed)),
        (V2, open(), &[(5_000, DISCOUNT), (4_999, DISCOUNT)], Err(Code::WsaFullDiscountMixed)),
        (V2, open(), &[], Err(Code::WsaPaymentsEmpty)),
        (V2, open(), &[(10_000, FOREIGN)], Err(Code::WsaCurrencyUnknown)),
        (V2, order(Complited, 10_000, 10_000), &[(1, CASH)], Err(Code::WsaOrderClosed)),
        (V2, order(Canceled, 10_000, 0), &[(10_000, CASH)], Err(Code::WsaOrderCanceledOnKass)),
        (V1, open(), &[(99_999_999_999_999, CASH); 3], Err(Code::WsaPaymentExceedsDue)),
        (V2, open(), &[(99_999_999_999_999, CASH); 3], Err(Code::WsaPaymentNotEqualDue)),
    ];
    for (version, loaded, lines, expected) in cases {
        let mut state = state(*version, loaded.clone());
        let answer = run(&mut state, 100, pay(lines));
        assert_eq!(outcome(&answer), *expected, "{version} {loaded:?} {lines:?}: {answer:?}");
        let changes = state.into_changes();
        let taken = expected.is_ok();
        assert_eq!(changes.updated.len(), usize::from(taken), "{version} {lines:?}");
        assert_eq!(changes.payments.len(), if taken { lines.len() } else { 0 });
    }
}

#[test]
fn v1_stays_open_until_completed_and_v2_closes() {
    let key = OrderKey { object: OBJECT, guid: ORDER };
    let mut v1 = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    let complete = || Command::CompleteOrder(ORDER);
    let Err(refusal) = run(&mut v1, 1, complete()) else { panic!("completed unpaid") };
    assert_eq!(refusal.code, Code::WsaOrderNotPaid);
    run(&mut v1, 2, pay(&[(500, CASH)])).unwrap();
    assert_eq!(v1.order(key).unwrap().status, OrderStatus::Created);
    assert!(matches!(run(&mut v1, 3, complete()), Ok(Reply::Completed { .. })));
    assert_eq!(v1.order(key).unwrap().status, OrderStatus::Complited);
    assert!(run(&mut v1, 4, complete()).is_err());

    let mut v2 = state(AgentVersion::V2, order(OrderStatus::Created, 500, 0));
    run(&mut v2, 1, pay(&[(500, CASH)])).unwrap();
    assert_eq!(v2.order(key).unwrap().status, OrderStatus::Complited);
}

#[test]
fn an_order_of_another_object_is_as_good_as_none() {
    let mut state = state(AgentVersion::V2, order(OrderStatus::Created, 500, 0));
    let key = TaskKey { object: ObjectId(8), guid: TaskGuid(Uuid::from_u128(1)) };
    let answer = decide(
        &mut state,
        &Task { key, aggregator: ASKING, command: &pay(&[(500, FOREIGN)]), cancellation: None },
    );
    assert_eq!(outcome(&answer), Err(Code::WsaOrderNotFound));
}

fn any_line() -> impl Strategy<Value = (i64, CurrencyGuid)> {
    let currency = prop_oneof![8 => Just(CASH), 2 => Just(DISCOUNT), 1 => Just(FOREIGN)];
    // Around what is due, so that each side of each rule is met.
    (prop_oneof![1..=60_i64, 9_990..=10_010_i64], currency)
}

proptest! {
    #[test]
    fn any_sequence_of_payments_keeps_the_books(
        v2 in any::<bool>(),
        total in prop_oneof![1..=60_i64, 9_995..=10_005_i64],
        tasks in prop::collection::vec(prop::collection::vec(any_line(), 0..4), 1..12),
    ) {
        let version = if v2 { AgentVersion::V2 } else { AgentVersion::V1 };
        let key = OrderKey { object: OBJECT, guid: ORDER };
        let mut state = state(version, order(OrderStatus::Created, total, 0));
        let mut accepted = BTreeMap::new();
        for (number, lines) in (1_u128..).zip(&tasks) {
            let before = state.order(key).unwrap().clone();
            let answer = run(&mut state, number, pay(lines));
            let after = state.order(key).unwrap();
            match outcome(&answer) {
                Ok(due) => {
                    prop_assert_eq!(due, after.due().kopecks());
                    prop_assert!(after.paid > before.paid);
                    accepted.insert(TaskGuid(Uuid::from_u128(number)), lines.len());
                }
                Err(_) => prop_assert_eq!(&before, after),
            }
            prop_assert!(after.paid <= after.total);
            let closed = after.status == OrderStatus::Complited;
            prop_assert_eq!(closed, v2 && after.paid > Money::ZERO, "v2 pays all or nothing");
        }
        let paid = state.order(key).unwrap().paid;
        let changes = state.into_changes();
        let sum: i64 =
            changes.payments.iter().map(|p| p.amount.kopecks() + p.written_off.kopecks()).sum();
        prop_assert_eq!(sum, paid.kopecks(), "the lines of the ledger add up to what is paid");
        let mut lines: BTreeMap<TaskGuid, usize> = BTreeMap::new();
        for payment in &changes.payments {
            *lines.entry(payment.task).or_default() += 1;
        }
        prop_assert_eq!(lines, accepted, "each accepted task has all of its lines, once");
    }
}
