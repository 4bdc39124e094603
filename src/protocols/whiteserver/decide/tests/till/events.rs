//! What aggregators are told of where an order stands.

use super::*;
use crate::domain::outbox::EventTypes;
use crate::protocols::whiteserver::command::till::Rejection;
use crate::protocols::whiteserver::model::OrderNews;
use crate::protocols::whiteserver::reply::Stage;

const STATUSES: EventTypes = EventTypes { changes: false, statuses: true };

/// What is told by these tasks, of an order that was there and of those that they open.
fn told(before: Order, commands: Vec<(u128, Command)>) -> Vec<String> {
    let mut state = there(before);
    state.objects.get_mut(&OBJECT).unwrap().permits.accept_within_s = Some(60);
    state.listened.insert(OBJECT, STATUSES);
    for (number, command) in commands {
        run(&mut state, number, command).unwrap();
    }
    let shown = |event: &crate::protocols::whiteserver::model::OrderEvent| {
        let OrderNews::Status(at) = &event.news else { panic!("{event:?}") };
        let Stage::There(status) = at.stage else { panic!("{event:?}") };
        let reason = at.rejected.as_ref().map(|reason| reason.message.as_str());
        let words = [at.bill_printed.then_some("bill"), at.substate.as_deref(), reason];
        let words = words.into_iter().flatten().map(|word| format!(" {word}"));
        format!("{} {status}{}", event.version, words.collect::<String>())
    };
    state.into_changes().events.iter().map(shown).collect()
}

#[test]
fn each_change_of_where_an_order_stands_is_told_and_no_other() {
    let open = two_dishes(0);
    let till = |steps: Vec<Action>| {
        let number = |(action, version)| (u128::try_from(version).unwrap(), at(version, action));
        steps.into_iter().zip(1..).map(number).collect::<Vec<_>>()
    };
    let cases = [
        (till(vec![Action::PrintBill, Action::UndoBill]), vec!["2 Created bill", "3 Created"]),
        (till(vec![edit(r#"{"substate":"cooking"}"#)]), vec!["2 Created cooking"]),
        (till(vec![edit(r#"{"tableCode":7,"waiterId":4}"#), void(&[0])]), vec![]),
        (till(vec![at_till(5_000, CASH), Action::Close]), vec!["3 Complited"]),
        (till(vec![Action::Cancel]), vec!["2 Canceled"]),
        (vec![(1, pay(&[(5_000, CASH)]))], vec!["2 Complited"]),
    ];
    for (commands, expected) in cases {
        assert_eq!(told(open.clone(), commands.clone()), expected, "{commands:?}");
    }
    let opened = || (50, acceptance::create());
    let of = |action| {
        let order = OrderGuid(Uuid::from_u128(50));
        let change = OrderChange { order, version: 1, action };
        (51, Command::Till(Box::new(TillCommand::Change(change))))
    };
    let no = Rejection { code: "0".into(), message: "no fish".into() };
    assert_eq!(
        told(open.clone(), vec![opened(), of(Action::Accept)]),
        ["1 Confirmed", "2 Created"]
    );
    assert_eq!(
        told(open, vec![opened(), of(Action::Reject(no))]),
        ["1 Confirmed", "2 RestaurantCancelled no fish"]
    );
}
