//! What a till does to orders, and what it is told.

mod acceptance;
mod events;
mod totals;

use super::*;
use crate::protocols::whiteserver::command::till::{
    Action, Edit, NewOrder, OrderChange, Rejection, TillCommand, TillPayment, Void,
};
use crate::protocols::whiteserver::command::{CreateOrder, OrderContent, WhichOrder};
use crate::protocols::whiteserver::model::till::By;
use crate::protocols::whiteserver::reply::About;

const KEY: OrderKey = OrderKey { object: OBJECT, guid: ORDER };

fn content(json: &str) -> OrderContent {
    serde_json::from_str(json).unwrap()
}

/// An order of two dishes, 30.00 and 20.00, some of it paid.
fn two_dishes(paid: i64) -> Order {
    let content = content(
        r#"{"products":[{"id":"1","name":"Fish","price":15,"quantity":2},
            {"id":"2","name":"Tea","price":20,"quantity":1}],"tableCode":12,"comment":"hot"}"#,
    );
    Order { content: Some(content), ..order(OrderStatus::Created, 5_000, paid) }
}

fn there(order: Order) -> OrderState {
    let mut state = state(AgentVersion::V2, order);
    state.tills.insert(OBJECT);
    state
}

fn at(version: i64, action: Action) -> Command {
    let change = OrderChange { order: ORDER, version, action };
    Command::Till(Box::new(TillCommand::Change(change)))
}

fn edit(json: &str) -> Action {
    Action::Edit(serde_json::from_str::<Edit>(json).unwrap())
}

fn void(lines: &[usize]) -> Action {
    Action::Void(Void { lines: lines.to_vec(), reason: "cold".into() })
}

fn at_till(amount: i64, currency: CurrencyGuid) -> Action {
    Action::Pay(TillPayment { amount: money(amount), currency })
}

fn refused(answer: &Answer) -> Code {
    answer.as_ref().expect_err("it was done").code
}

fn now(state: &OrderState) -> &Order {
    state.order(KEY).unwrap()
}

#[test]
fn a_change_counts_for_the_version_that_it_names_and_for_no_other() {
    let mut state = there(two_dishes(0));
    for wrong in [0, 2, 17] {
        let answer = run(&mut state, 1, at(wrong, Action::PrintBill));
        assert_eq!(refused(&answer), Code::VersionMismatch);
        assert_eq!(
            answer.unwrap_err().about.as_deref(),
            Some(&About::Version(1)),
            "it is told which one it is"
        );
    }
    run(&mut state, 2, at(1, Action::PrintBill)).unwrap();
    // In the same batch, nothing being written yet.
    assert_eq!(refused(&run(&mut state, 3, at(1, Action::UndoBill))), Code::VersionMismatch);
    run(&mut state, 4, pay(&[(5_000, CASH)])).unwrap();
    let late = run(&mut state, 5, at(2, Action::UndoBill));
    assert_eq!(
        (refused(&late), late.unwrap_err().about),
        (Code::VersionMismatch, Some(Box::new(About::Version(3))))
    );
}

#[test]
fn the_total_follows_the_content_and_never_falls_below_what_is_paid() {
    let cheap = r#"{"products":[{"id":"1","name":"Fish","price":15,"quantity":2}]}"#;
    for (paid, expected) in [(3_000, None), (3_001, Some(Code::TotalBelowPaid))] {
        let mut state = there(two_dishes(paid));
        let answer = run(&mut state, 1, at(1, edit(cheap)));
        assert_eq!(answer.as_ref().err().map(|refusal| refusal.code), expected, "{answer:?}");
        let total = if expected.is_none() { 3_000 } else { 5_000 };
        assert_eq!(now(&state).total, money(total));
    }
    // Dearer, and what was not named stayed.
    let mut state = there(two_dishes(0));
    let dear =
        r#"{"products":[{"id":"3","name":"Crab","price":"99.99","quantity":3}],"waiterId":4}"#;
    run(&mut state, 1, at(1, edit(dear))).unwrap();
    assert_eq!(now(&state).total, money(29_997));
    assert_eq!(now(&state).till.waiter, Some(4));
    assert_eq!(now(&state).content.as_ref().unwrap().comment.as_deref(), Some("hot"));
    // The payment is held against the new total.
    assert_eq!(
        outcome(&run(&mut state, 2, pay(&[(5_000, CASH)]))),
        Err(Code::WsaPaymentNotEqualDue)
    );
    assert_eq!(outcome(&run(&mut state, 3, pay(&[(29_997, CASH)]))), Ok(0));
}

#[test]
fn what_is_on_a_printed_bill_does_not_change() {
    let mut state = there(Order { bill_printed: true, ..two_dishes(0) });
    for action in [edit(r#"{"products":[]}"#), void(&[0])] {
        assert_eq!(refused(&run(&mut state, 1, at(1, action))), Code::BillPrinted);
    }
    run(&mut state, 2, at(1, edit(r#"{"tableCode":7}"#))).unwrap();
    run(&mut state, 3, at(2, Action::UndoBill)).unwrap();
    run(&mut state, 4, at(3, edit(r#"{"products":[]}"#))).unwrap();
    assert_eq!(now(&state).total, Money::ZERO);
}

#[test]
fn the_till_hears_of_a_bill_that_an_aggregator_prints_and_undoes_once_each() {
    let mut state = there(two_dishes(0));
    for (number, printed) in (1..).zip([true, true, false, false]) {
        let answer = run(&mut state, number, Command::SetBill { order: ORDER, printed });
        assert_eq!(answer, Ok(Reply::Billed));
        assert_eq!(now(&state).bill_printed, printed);
    }
    let refused_at_till = run(&mut state, 5, at(1, Action::PrintBill));
    assert_eq!(refused(&refused_at_till), Code::VersionMismatch, "its version is older");
    let heard: Vec<_> = state.into_changes().till_events.iter().map(|e| e.happened).collect();
    assert_eq!(heard, ["BillPrinted", "BillUndone"]);
}

#[test]
fn voided_dishes_stay_on_record_and_cost_nothing() {
    let mut state = there(two_dishes(0));
    run(&mut state, 1, at(1, void(&[1]))).unwrap();
    assert_eq!(now(&state).total, money(3_000));
    assert_eq!(refused(&run(&mut state, 2, at(2, void(&[1])))), Code::LineUnknown, "once");
    assert_eq!(refused(&run(&mut state, 3, at(2, void(&[2])))), Code::LineUnknown);
    // A new content leaves them where they are.
    run(&mut state, 4, at(2, edit(r#"{"products":[]}"#))).unwrap();
    let products = &now(&state).content.as_ref().unwrap().products;
    assert_eq!(products.len(), 1);
    assert_eq!(products[0].voiding_reason.as_deref(), Some("cold"));
    assert_eq!(now(&state).total, Money::ZERO);

    let mut paid = there(two_dishes(3_001));
    assert_eq!(refused(&run(&mut paid, 1, at(1, void(&[1])))), Code::TotalBelowPaid);
    // An aggregator may have said another total than the sum of the lines.
    let mut discounted = there(Order { total: money(4_500), ..two_dishes(0) });
    run(&mut discounted, 1, at(1, void(&[1]))).unwrap();
    assert_eq!(now(&discounted).total, money(2_500));
    let mut given = there(Order { total: money(1_000), ..two_dishes(0) });
    assert_eq!(refused(&run(&mut given, 1, at(1, void(&[1])))), Code::LineUnknown);
}

#[test]
fn a_line_is_not_voided_when_nobody_knows_what_it_costs() {
    for unknown in [
        r#"{"products":[{"id":"1","quantity":1}]}"#,
        r#"{"products":[{"id":"1","quantity":1,"price":5,"discountIds":[7]}]}"#,
        r#"{"products":[{"id":"1","quantity":1,"price":5}],"discountIds":[7]}"#,
    ] {
        let content = Some(content(unknown));
        let mut state = there(Order { content, ..two_dishes(0) });
        assert_eq!(refused(&run(&mut state, 1, at(1, void(&[0])))), Code::LineUnknown, "{unknown}");
    }
    let with_cheese = r#"{"products":[{"id":"1","quantity":2,"price":5,
        "ingredients":[{"id":"2","quantity":1,"price":1.50}]}]}"#;
    let mut state = there(Order { content: Some(content(with_cheese)), ..two_dishes(0) });
    let before = now(&state).total;
    run(&mut state, 1, at(1, void(&[0]))).unwrap();
    assert_eq!(now(&state).total, before.checked_sub(money(1_300)).unwrap());
}

#[test]
fn a_till_takes_payments_up_to_what_is_due_and_closes_what_is_paid() {
    let mut state = there(two_dishes(0));
    assert_eq!(refused(&run(&mut state, 1, at(1, Action::Close))), Code::WsaOrderNotPaid);
    assert_eq!(refused(&run(&mut state, 2, at(1, at_till(1, FOREIGN)))), Code::WsaCurrencyUnknown);
    assert_eq!(
        refused(&run(&mut state, 3, at(1, at_till(5_001, CASH)))),
        Code::WsaPaymentExceedsDue
    );
    run(&mut state, 4, at(1, at_till(2_000, CASH))).unwrap();
    assert_eq!(
        refused(&run(&mut state, 5, at(2, at_till(3_000, DISCOUNT)))),
        Code::WsaFullDiscountKopeck
    );
    run(&mut state, 6, at(2, at_till(2_999, DISCOUNT))).unwrap();
    assert_eq!(now(&state).status, OrderStatus::Created, "on v2 as well");
    run(&mut state, 7, at(3, Action::Close)).unwrap();
    assert_eq!(refused(&run(&mut state, 8, at(4, at_till(1, CASH)))), Code::WsaOrderClosed);
    let changes = state.into_changes();
    let sum: i64 =
        changes.payments.iter().map(|p| p.amount.kopecks() + p.written_off.kopecks()).sum();
    assert_eq!(sum, 5_000);
    let told: Vec<_> = changes.till_events.iter().map(|event| event.happened).collect();
    assert_eq!(told, ["OrderPaid", "OrderPaid", "OrderCompleted"]);
}

#[test]
fn a_paid_order_is_cancelled_only_where_that_is_permitted_and_gives_the_money_back() {
    let mut state = there(two_dishes(100));
    assert_eq!(refused(&run(&mut state, 1, at(1, Action::Cancel))), Code::WsaOrderPaid);
    state.objects.get_mut(&OBJECT).unwrap().permits.cancel_paid = true;
    run(&mut state, 2, at(1, Action::Cancel)).unwrap();
    assert_eq!((now(&state).status, now(&state).paid), (OrderStatus::Canceled, Money::ZERO));
    assert_eq!(state.into_changes().removals, [(KEY, TaskGuid(Uuid::from_u128(2)))]);
}

#[test]
fn an_order_is_opened_with_the_guid_of_its_task_and_may_be_empty() {
    let mut state = there(two_dishes(0));
    let new: NewOrder = serde_json::from_str(
        r#"{"tableCode":"3","waiterId":9,"products":[{"id":1,"name":"Fish","price":1.50,"quantity":0.333}]}"#,
    )
    .unwrap();
    let opened = run(&mut state, 40, Command::Till(Box::new(TillCommand::Open(new)))).unwrap();
    let Reply::AtTill(seen) = opened else { panic!("{opened:?}") };
    assert_eq!(seen.key.guid, OrderGuid(Uuid::from_u128(40)));
    // 0.4995
    assert_eq!((seen.version, seen.order.total), (1, money(50)));
    let empty = TillCommand::Open(NewOrder::default());
    run(&mut state, 41, Command::Till(Box::new(empty))).unwrap();
    assert_eq!(state.into_changes().created.len(), 2);
}

fn any_action() -> impl Strategy<Value = Action> {
    let dishes = prop::collection::vec((1..=40_i64, 1..=3_i64), 0..4).prop_map(|dishes| {
        let dishes: Vec<String> = dishes
            .iter()
            .map(|(price, many)| {
                format!(r#"{{"id":"1","name":"a","price":0.{price:02},"quantity":{many}}}"#)
            })
            .collect();
        edit(&format!(r#"{{"products":[{}]}}"#, dishes.join(",")))
    });
    prop_oneof![
        4 => dishes,
        4 => (1..=60_i64).prop_map(|amount| at_till(amount, CASH)),
        2 => (0..4_usize).prop_map(|line| void(&[line])),
        1 => Just(Action::Close),
        1 => Just(Action::Cancel),
        1 => Just(Action::PrintBill),
        1 => Just(Action::UndoBill),
    ]
}

proptest! {
    /// Both sides at once, each change by the version that is there or by an old one.
    #[test]
    fn whatever_both_sides_do_an_order_holds_no_more_than_it_costs(
        steps in prop::collection::vec((any_action(), any_line(), any::<bool>(), 0..2_i64), 1..16),
    ) {
        let mut state = there(Order { total: money(50), ..two_dishes(0) });
        for (number, (action, line, till, late)) in (1_u128..).zip(steps) {
            let before = now(&state).clone();
            let version = state.version(KEY);
            let answer = match till {
                true => run(&mut state, number, at(version - late, action)),
                false => run(&mut state, number, pay(&[line])),
            };
            let after = now(&state);
            prop_assert!(after.paid <= after.total, "{after:?}");
            if answer.is_err() {
                prop_assert_eq!(&before, after);
            } else {
                prop_assert!(late == 0 || !till, "an old version was changed");
                prop_assert_eq!(state.version(KEY), version + 1);
            }
        }
        let (paid, version) = (now(&state).paid, state.version(KEY));
        let changes = state.into_changes();
        let held = changes.payments.iter().filter(|payment| payment.removed_by.is_none());
        let sum: i64 = held.map(|p| p.amount.kopecks() + p.written_off.kopecks()).sum();
        prop_assert_eq!(sum, paid.kopecks());
        // Told of every change, in order.
        let told: Vec<i64> = changes.till_events.iter().map(|event| event.seen.version).collect();
        prop_assert_eq!(told, (2..=version).collect::<Vec<_>>());
    }
}
