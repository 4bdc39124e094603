//! Whatever is asked of an order, and in whichever order: the books agree.

use proptest::prelude::*;

use super::*;
use crate::protocols::whiteserver::command::{AddPrepay, WhichOrder};
use crate::protocols::whiteserver::model::Payment;

fn any_command() -> impl Strategy<Value = Command> {
    let prepay = |(amount, currency): (i64, CurrencyGuid)| {
        Command::AddPrepayOrder(AddPrepay {
            order: ORDER,
            amount: money(amount),
            currency: (currency != FOREIGN).then_some(currency),
            promised: amount % 2 == 0,
            card_code: None,
        })
    };
    prop_oneof![
        4 => prop::collection::vec(any_line(), 0..3).prop_map(|lines| pay(&lines)),
        6 => any_line().prop_map(prepay),
        2 => Just(Command::RemovePrepayOrder(ORDER)),
        1 => any::<bool>().prop_map(|printed| Command::SetBill { order: ORDER, printed }),
        1 => Just(Command::CompleteOrder(ORDER)),
        1 => Just(Command::CancelOrder(WhichOrder::Order(ORDER))),
    ]
}

fn sum<'a>(payments: impl Iterator<Item = &'a Payment>) -> i64 {
    payments.map(|payment| payment.amount.kopecks() + payment.written_off.kopecks()).sum()
}

proptest! {
    #[test]
    fn any_sequence_of_tasks_keeps_the_books(
        v2 in any::<bool>(),
        cancel_paid in any::<bool>(),
        total in prop_oneof![1..=60_i64, 9_995..=10_005_i64],
        // Paid by an earlier batch: what the store has already.
        before in 0..=60_i64,
        commands in prop::collection::vec(any_command(), 1..16),
    ) {
        let key = OrderKey { object: OBJECT, guid: ORDER };
        let stored = before.min(total);
        let version = if v2 { AgentVersion::V2 } else { AgentVersion::V1 };
        let mut state = state(version, order(OrderStatus::Created, total, stored));
        let permits = Permits { cancel_paid, prepay_currency: Some(CASH), ..Permits::default() };
        let zone = TimeZone::default();
        state.objects.insert(OBJECT, ObjectRules { agent_version: version, permits, zone });

        let mut done = Vec::new();
        for (number, command) in (1_u128..).zip(&commands) {
            let before = (state.order(key).unwrap().clone(), state.clone().into_changes());
            let answer = run(&mut state, number, command.clone());
            let now = state.order(key).unwrap();
            let was_open = before.0.status == OrderStatus::Created;
            match answer {
                Ok(_) => {
                    prop_assert!(was_open, "{command:?} changed what was closed");
                    done.push((TaskGuid(Uuid::from_u128(number)), command));
                }
                Err(_) => {
                    let after = (now.clone(), state.clone().into_changes());
                    prop_assert_eq!(before, after, "a refusal of {:?} left something", command);
                }
            }
            let now = state.order(key).unwrap();
            prop_assert!(now.paid <= now.total);
            prop_assert!(now.status != OrderStatus::Complited || now.paid == now.total);
            prop_assert!(now.status != OrderStatus::Canceled || now.paid == Money::ZERO);
            prop_assert_eq!(now.status == OrderStatus::Created, now.closed_at.is_none());
            let changes = state.clone().into_changes();
            let kept = changes.payments.iter().filter(|payment| payment.removed_by.is_none());
            let still_stored = if changes.removals.is_empty() { stored } else { 0 };
            prop_assert_eq!(sum(kept) + still_stored, now.paid.kopecks());
        }

        let changes = state.into_changes();
        for payment in &changes.payments {
            let by = done.iter().find(|(task, _)| *task == payment.task).map(|(_, command)| command);
            prop_assert!(
                matches!(by, Some(Command::PayOrder(_) | Command::AddPrepayOrder(_))),
                "{:?} paid", by
            );
            let Some(remover) = payment.removed_by else { continue };
            let by = done.iter().position(|(task, _)| *task == remover);
            let paid_by = done.iter().position(|(task, _)| *task == payment.task);
            prop_assert!(paid_by < by, "removed before it was paid");
            prop_assert!(
                matches!(done[by.unwrap()].1, Command::RemovePrepayOrder(_) | Command::CancelOrder(_)),
                "{:?} removed", by
            );
        }
    }
}
