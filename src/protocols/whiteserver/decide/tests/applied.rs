//! The payments that an order is shown with.

use super::*;
use crate::protocols::whiteserver::command::AddPrepay;
use crate::protocols::whiteserver::model::{Taken, Title};

const KEY: OrderKey = OrderKey { object: OBJECT, guid: ORDER };

fn stored(number: u128, amount: i64, removed: bool) -> Taken {
    Taken {
        task: TaskGuid(Uuid::from_u128(number)),
        line: 0,
        currency: FOREIGN,
        amount: money(amount),
        written_off: Money::ZERO,
        taken_at: Timestamp::UNIX_EPOCH,
        removed,
    }
}

fn prepay(amount: i64) -> Command {
    Command::AddPrepayOrder(AddPrepay {
        order: ORDER,
        amount: money(amount),
        currency: Some(CASH),
        promised: false,
        card_code: None,
    })
}

/// What is paid, and with what, as `GetOrder` shows it.
fn shown(state: &mut OrderState) -> Vec<(i64, Option<String>)> {
    let answer = run(state, 90, Command::GetOrder(ORDER));
    let Ok(Reply::Order(order)) = answer else { panic!("{answer:?}") };
    let payments = order.payments.expect("it tells of payments");
    let sum: i64 = payments.iter().map(|p| p.amount.kopecks() + p.written_off.kopecks()).sum();
    assert_eq!(sum, order.total.kopecks() - order.due.kopecks());
    let line = |payment: crate::protocols::whiteserver::reply::AppliedPayment| {
        (payment.amount.kopecks(), payment.title.map(|title| title.name))
    };
    payments.into_iter().map(line).collect()
}

#[test]
fn an_order_is_shown_with_the_payments_that_it_has_now_the_oldest_first() {
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 120));
    state.now = Timestamp::from_second(60).unwrap();
    for (number, amount, removed) in [(8, 100, false), (7, 20, false), (6, 99, true)] {
        state.load_taken(KEY, stored(number, amount, removed));
    }
    state.load_taken(OrderKey { object: ObjectId(8), ..KEY }, stored(5, 3, false));
    let mut untitled = state.untitled(&[OBJECT]);
    untitled.retain(|(object, _)| *object == OBJECT);
    assert_eq!(untitled, [(OBJECT, CASH), (OBJECT, DISCOUNT), (OBJECT, FOREIGN)]);
    let title = Title { name: "Cash".into(), kind: CurrencyKind::Cash };
    state.titles.insert((OBJECT, CASH), title);
    let cash = || Some("Cash".to_owned());

    assert_eq!(shown(&mut state), [(20, None), (100, None)], "what was taken back is not shown");
    run(&mut state, 1, prepay(30)).unwrap();
    assert_eq!(shown(&mut state), [(20, None), (100, None), (30, cash())]);
    run(&mut state, 2, Command::RemovePrepayOrder(ORDER)).unwrap();
    assert_eq!(shown(&mut state), []);
    run(&mut state, 3, pay(&[(499, DISCOUNT)])).unwrap();
    assert_eq!(shown(&mut state), [(499, None)], "with the kopeck that it left");
}
