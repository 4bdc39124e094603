//! Orders that wait for the restaurant's word.

use super::*;

pub(super) fn create() -> Command {
    let content = content(r#"{"products":[],"tableCode":1}"#);
    Command::CreateOrder(Box::new(CreateOrder { total: money(500), guid: None, content }))
}

/// An order of an aggregator's that waits for its acceptance until 60 s after 1970 began.
fn waiting() -> (OrderState, OrderKey) {
    let mut state = there(two_dishes(0));
    state.objects.get_mut(&OBJECT).unwrap().permits.accept_within_s = Some(60);
    run(&mut state, 50, create()).unwrap();
    (state, OrderKey { object: OBJECT, guid: OrderGuid(Uuid::from_u128(50)) })
}

fn of(key: OrderKey, version: i64, action: Action) -> Command {
    let change = OrderChange { order: key.guid, version, action };
    Command::Till(Box::new(TillCommand::Change(change)))
}

#[test]
fn an_order_that_waits_for_acceptance_takes_no_money_before_that() {
    let (mut state, key) = waiting();
    let order = state.order(key).unwrap();
    assert_eq!(order.status, OrderStatus::Confirmed);
    assert_eq!(order.till.accept_by, Some(Timestamp::from_second(60).unwrap()));
    let pay = |amount| {
        let Command::PayOrder(of_order) = pay(&[(amount, CASH)]) else { panic!() };
        Command::PayOrder(PayOrder { order: key.guid, ..of_order })
    };
    assert_eq!(outcome(&run(&mut state, 51, pay(500))), Err(Code::WsaOrderNotAccepted));
    run(&mut state, 52, of(key, 1, Action::Accept)).unwrap();
    assert_eq!(state.order(key).unwrap().till.accept_by, None);
    assert_eq!(outcome(&run(&mut state, 53, pay(500))), Ok(0));
    let (told, by): (Vec<_>, Vec<_>) =
        state.into_changes().till_events.iter().map(|e| (e.happened, e.acting.by)).unzip();
    assert_eq!(told, ["OrderCreated", "OrderAccepted", "OrderPaid"]);
    // `run` decides; who acts is said by the protocol.
    assert_eq!(by, [By::Service; 3]);
}

#[test]
fn an_order_that_is_paid_already_is_not_made_to_wait() {
    let (mut state, _) = waiting();
    let content = content(r#"{"products":[],"payment":{"type":"online"}}"#);
    let create = CreateOrder { total: money(500), guid: None, content };
    let create = Command::CreateOrder(Box::new(create));
    state.catalogues.online_currencies.insert(OBJECT, CASH);
    let told = run(&mut state, 51, create.clone());
    assert_eq!(
        outcome(&told),
        Err(Code::WsaCommandNotSupported),
        "who says no has no money to give back"
    );
    state.objects.get_mut(&OBJECT).unwrap().permits.accept_within_s = None;
    run(&mut state, 52, create).unwrap();
    let key = OrderKey { object: OBJECT, guid: OrderGuid(Uuid::from_u128(52)) };
    assert_eq!(state.order(key).unwrap().paid, money(500));
}

#[test]
fn a_rejected_order_says_why_and_one_that_nobody_took_as_well() {
    let (mut state, key) = waiting();
    let no = Rejection { code: "0".into(), message: "no fish".into() };
    run(&mut state, 51, of(key, 1, Action::Reject(no))).unwrap();
    assert_eq!(state.order(key).unwrap().status, OrderStatus::RestaurantCancelled);
    let Ok(Reply::State(told)) =
        run(&mut state, 52, Command::GetOrderState(WhichOrder::Order(key.guid)))
    else {
        panic!("no state")
    };
    assert_eq!(told.rejected.unwrap().message, "no fish");

    let (mut state, key) = waiting();
    state.now = Timestamp::from_second(60).unwrap();
    let late = run(&mut state, 51, of(key, 1, Action::Accept));
    assert_eq!(refused(&late), Code::WsaOrderIgnoredOnPos, "its time is over at that moment");
    state.expire_acceptance(key);
    let order = state.order(key).unwrap();
    assert_eq!(order.status, OrderStatus::RestaurantCancelled);
    assert_eq!(order.till.rejected.as_ref().unwrap().code, "WsaOrderIgnoredOnPos");
    assert_eq!(order.closed_at, Some(state.now));

    // Its aggregator may change its mind before that.
    let (mut state, key) = waiting();
    run(&mut state, 51, Command::CancelOrder(WhichOrder::Order(key.guid))).unwrap();
    assert_eq!(state.order(key).unwrap().status, OrderStatus::Canceled);
}
