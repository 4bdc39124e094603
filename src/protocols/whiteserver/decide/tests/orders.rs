//! Which task may touch an order that stands where, and the rules of the tasks that are no payments.

mod lists;

use super::update::asked;
use super::*;
use crate::protocols::whiteserver::command::order_list::MOST_LISTED;
use crate::protocols::whiteserver::command::till::{
    Action, Edit, OrderChange, Rejection, TillCommand, TillPayment, Void,
};
use crate::protocols::whiteserver::command::{
    AddPrepay, CreateOrder, GetOrderList, OrderContent, TableCode, WhichOrder,
};
use crate::protocols::whiteserver::decide::states::{OnOrder, refused};
use crate::protocols::whiteserver::model::{Creation, CreationState, Listed};
use crate::protocols::whiteserver::reply::{OrderStateView, Reason, Stage};

const KEY: OrderKey = OrderKey { object: OBJECT, guid: ORDER };

fn prepay(amount: i64, currency: Option<CurrencyGuid>) -> Command {
    Command::AddPrepayOrder(AddPrepay {
        order: ORDER,
        amount: money(amount),
        currency,
        promised: false,
        card_code: None,
    })
}

fn at_till(action: Action) -> Command {
    let change = OrderChange { order: ORDER, version: 1, action };
    Command::Till(Box::new(TillCommand::Change(change)))
}

fn cancel() -> Command {
    Command::CancelOrder(WhichOrder::Order(ORDER))
}

fn list(table: Option<&str>, with_closed: bool) -> Command {
    let table_code = table.map(|table| TableCode::Text(table.into()));
    Command::GetOrderList(GetOrderList { table_code, with_closed })
}

fn permitting(state: &mut OrderState, permits: Permits) {
    state.objects.get_mut(&OBJECT).unwrap().permits = permits;
}

fn code(answer: &Answer) -> Option<Code> {
    match answer {
        Ok(_) => None,
        Err(refusal) => Some(refusal.code),
    }
}

#[test]
fn every_task_treats_every_status_as_the_table_says() {
    let of = |task: OnOrder| match task {
        OnOrder::PayOrder => pay(&[(500, CASH)]),
        OnOrder::AddPrepayOrder => prepay(1, Some(CASH)),
        OnOrder::CancelOrder => cancel(),
        OnOrder::PatchOrder => asked("PatchOrder", r#","fields":[]"#).unwrap(),
        OnOrder::GetOrderState => Command::GetOrderState(WhichOrder::Order(ORDER)),
        OnOrder::TillChangeOrder => at_till(Action::Edit(Edit::default())),
        OnOrder::TillPrintBill => at_till(Action::PrintBill),
        OnOrder::TillUndoBill => at_till(Action::UndoBill),
        OnOrder::TillCloseOrder => at_till(Action::Close),
        OnOrder::TillCancelOrder => at_till(Action::Cancel),
        OnOrder::TillVoidDishes => at_till(Action::Void(Void { lines: vec![], reason: "".into() })),
        OnOrder::TillPayOrder => {
            at_till(Action::Pay(TillPayment { amount: money(1), currency: CASH }))
        }
        OnOrder::TillAcceptOrder => at_till(Action::Accept),
        OnOrder::TillRejectOrder => {
            at_till(Action::Reject(Rejection { code: "0".into(), message: "closed".into() }))
        }
        // Those that name the order and nothing else.
        other => asked(other.as_str(), "").unwrap(),
    };
    for task in OnOrder::ALL {
        for status in OrderStatus::ALL {
            // Such that the status is the only obstacle.
            let paid = match (task, status) {
                (OnOrder::CompleteOrder | OnOrder::TillCloseOrder, OrderStatus::Created)
                | (_, OrderStatus::Complited) => 500,
                _ => 0,
            };
            let mut state = state(AgentVersion::V2, order(*status, 500, paid));
            let answer = run(&mut state, 1, of(*task));
            assert_eq!(code(&answer), refused(*task, *status), "{task:?} on {status}: {answer:?}");
        }
        let mut empty = OrderState::at(Timestamp::UNIX_EPOCH);
        assert_eq!(code(&run(&mut empty, 1, of(*task))), Some(Code::WsaOrderNotFound), "{task:?}");
    }
}

#[test]
fn each_rule_of_prepayment_has_its_case() {
    use AgentVersion::{V1, V2};
    let open = |paid| order(OrderStatus::Created, 10_000, paid);
    for (paid, amount, currency, expected) in [
        (0, 4_000, Some(CASH), Ok(6_000)),
        (4_000, 6_000, Some(CASH), Ok(0)),
        (4_000, 6_001, Some(CASH), Err(Code::WsaPaymentExceedsDue)),
        (10_000, 1, Some(CASH), Err(Code::WsaPaymentExceedsDue)),
        (0, 99_999_999_999_999, Some(CASH), Err(Code::WsaPaymentExceedsDue)),
        (0, 9_999, Some(DISCOUNT), Ok(0)),
        (4_000, 5_999, Some(DISCOUNT), Ok(0)),
        (0, 10_000, Some(DISCOUNT), Err(Code::WsaFullDiscountKopeck)),
        (0, 100, Some(DISCOUNT), Err(Code::WsaFullDiscountKopeck)),
        (10_000, 1, Some(DISCOUNT), Err(Code::WsaFullDiscountKopeck)),
        (0, 100, Some(FOREIGN), Err(Code::WsaCurrencyUnknown)),
        (0, 100, None, Err(Code::WsaCurrencyNotSpecified)),
    ] {
        for version in [V1, V2] {
            let mut state = state(version, open(paid));
            let answer = run(&mut state, 1, prepay(amount, currency));
            assert_eq!(outcome(&answer), expected, "{version} {paid} {amount}: {answer:?}");
            assert_eq!(state.order(KEY).unwrap().status, OrderStatus::Created, "it stays open");
        }
    }
    let mut state = state(V2, open(0));
    permitting(&mut state, Permits { prepay_currency: Some(CASH), ..Permits::default() });
    assert_eq!(outcome(&run(&mut state, 1, prepay(1, None))), Ok(9_999));
    permitting(&mut state, Permits { prepay_currency: Some(FOREIGN), ..Permits::default() });
    let unknown = run(&mut state, 2, prepay(1, None));
    assert_eq!(outcome(&unknown), Err(Code::WsaCurrencyUnknown), "the object's is not there");
    assert_eq!(state.into_changes().payments[0].currency, CASH);
}

#[test]
fn a_paid_order_or_one_with_a_bill_is_cancelled_only_where_that_is_permitted() {
    let untouched = order(OrderStatus::Created, 500, 0);
    let billed = Order { bill_printed: true, ..untouched.clone() };
    let cases = [(untouched, false), (order(OrderStatus::Created, 500, 1), true), (billed, true)];
    for (loaded, needs_permission) in cases {
        for cancel_paid in [false, true] {
            let mut state = state(AgentVersion::V1, loaded.clone());
            permitting(&mut state, Permits { cancel_paid, ..Permits::default() });
            let expected = (needs_permission && !cancel_paid).then_some(Code::WsaOrderPaid);
            assert_eq!(code(&run(&mut state, 1, cancel())), expected, "{loaded:?} {cancel_paid}");
            let now = state.order(KEY).unwrap();
            match expected {
                Some(_) => assert_eq!(*now, loaded),
                None => assert_eq!(
                    (now.status, now.paid, now.closed_at.is_some()),
                    (OrderStatus::Canceled, Money::ZERO, true)
                ),
            }
            let removes = expected.is_none() && loaded.paid > Money::ZERO;
            assert_eq!(state.into_changes().removals.len(), usize::from(removes));
        }
    }
}

#[test]
fn removing_nothing_is_done_and_writes_nothing() {
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    let answer = run(&mut state, 1, Command::RemovePrepayOrder(ORDER));
    assert_eq!(answer, Ok(Reply::Unpaid));
    let changes = state.into_changes();
    assert!(changes.updated.is_empty() && changes.removals.is_empty());
}

#[test]
fn pay_remove_and_pay_again_in_one_batch_leaves_each_payment_what_it_is() {
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 100));
    for (number, command) in [
        (1, prepay(10, Some(CASH))),
        (2, Command::RemovePrepayOrder(ORDER)),
        (3, prepay(20, Some(CASH))),
        (4, Command::RemovePrepayOrder(ORDER)),
        (5, prepay(30, Some(CASH))),
    ] {
        assert_eq!(code(&run(&mut state, number, command)), None);
    }
    assert_eq!(state.order(KEY).unwrap().paid, money(30));
    let task = |number| TaskGuid(Uuid::from_u128(number));
    let changes = state.into_changes();
    assert_eq!(changes.removals, [(KEY, task(2))], "what was stored went with the first removal");
    let removed: Vec<_> = changes.payments.iter().map(|p| (p.task, p.removed_by)).collect();
    assert_eq!(removed, [(task(1), Some(task(2))), (task(3), Some(task(4))), (task(5), None)]);
}

#[test]
fn the_state_before_the_till_is_told_to_who_asked_for_the_order() {
    let task = TaskGuid(ORDER.0);
    let key = TaskKey { object: OBJECT, guid: task };
    let ask = |creation: Option<Creation>| {
        let mut state = OrderState::at(Timestamp::UNIX_EPOCH);
        state.creations.extend(creation.map(|creation| (key, creation)));
        run(&mut state, 1, Command::GetOrderState(WhichOrder::CreatedBy(task)))
    };
    let of = |aggregator, state| Some(Creation { aggregator, state });
    let reason = Reason { code: "WsaDuplicateOrder".into(), message: "A-1".into() };
    for (creation, stage) in [
        (CreationState::Open, Stage::Confirmed),
        (CreationState::Failed(reason.clone()), Stage::CreationError(reason.clone())),
    ] {
        let Ok(Reply::State(told)) = ask(of(ASKING, creation.clone())) else { panic!() };
        assert_eq!((told.guid, told.stage), (ORDER, stage));
        let other = ask(of(AggregatorId(2), creation));
        assert_eq!(code(&other), Some(Code::WsaOrderNotFound));
    }
    assert_eq!(code(&ask(None)), Some(Code::WsaOrderNotFound));
    assert_eq!(code(&ask(of(ASKING, CreationState::Done))), Some(Code::WsaOrderNotFound));

    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    let answer = run(&mut state, 1, Command::GetOrderState(WhichOrder::CreatedBy(task)));
    let Ok(Reply::State(OrderStateView { stage, .. })) = answer else { panic!("{answer:?}") };
    assert_eq!(stage, Stage::There(OrderStatus::Created), "once it is there, it has a state");
}

#[test]
fn a_list_needs_its_permissions() {
    use Code::{WsaAllTablesNotPermitted as Tables, WsaClosedOrdersNotPermitted as Closed};
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    for (all_tables, closed_orders, table, with_closed, expected) in [
        (false, false, Some("5"), false, None),
        (false, true, None, false, Some(Tables)),
        (false, true, Some("5"), true, None),
        (true, false, None, false, None),
        (true, false, Some("5"), true, Some(Closed)),
        (true, true, None, true, None),
    ] {
        permitting(&mut state, Permits { all_tables, closed_orders, ..Permits::default() });
        assert_eq!(code(&run(&mut state, 1, list(table, with_closed))), expected);
    }
}
