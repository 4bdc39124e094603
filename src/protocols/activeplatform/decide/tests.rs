use proptest::prelude::*;

use super::*;
use crate::domain::task::{ObjectId, TaskGuid};

const RESELLER: ObjectId = ObjectId(1);
const ACCOUNT: i64 = 505;

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// What the rules look at.
struct World {
    now: Timestamp,
    ledger: LedgerState,
}

fn world(status: PaymentStatus, total: Money) -> World {
    let mut world = World {
        now: Timestamp::from_second(2_000_000_000).unwrap(),
        ledger: LedgerState::default(),
    };
    let then = Timestamp::from_second(1_900_000_000).unwrap();
    let ledger = &mut world.ledger;
    let account =
        Account { currency: "USD".into(), balance: money("10.00"), loaded: money("10.00") };
    ledger.accounts.insert((RESELLER, ACCOUNT), account);
    ledger.methods.insert((RESELLER, 2), "Cash".into());
    ledger.last_correction.insert(RESELLER, 41);
    ledger.load_payment(Payment {
        reseller: RESELLER,
        id: 6475,
        account: ACCOUNT,
        document: "2005258".into(),
        status,
        total,
        discount: Money::ZERO,
        currency: "USD".into(),
        comment: "cash".into(),
        purpose: String::new(),
        requester_ip: None,
        external_total: None,
        external_currency: None,
        method: None,
        manager: None,
        due_date: None,
        expiration_date: None,
        created_at: then,
        updated_at: then,
        closed_at: None,
        orders: vec![],
        invoices: vec![],
        corrections: vec![],
    });
    world
}

fn by_id() -> Complete {
    Complete {
        which: Which::Payment(6475),
        method: 2,
        manager: 234,
        amount: None,
        currency: None,
        transaction: None,
        offset: Default::default(),
    }
}

fn by_document(amount: Money) -> Complete {
    Complete { which: Which::Document("2005258".into()), amount: Some(amount), ..by_id() }
}

fn carry_out(world: &mut World, ask: &Complete) -> Answered {
    decide(&mut world.ledger, world.now, TaskKey { object: RESELLER, guid: TaskGuid::new() }, ask)
}

fn balance(world: &World) -> i64 {
    world.ledger.accounts[&(RESELLER, ACCOUNT)].balance.kopecks()
}

/// The entries of the account, in kopecks.
fn entries(world: &World) -> Vec<(bool, i64)> {
    let entries = world.ledger.entries.iter();
    entries.map(|entry| (entry.correction.is_some(), entry.amount.kopecks())).collect()
}

fn status_of(answered: &Answered) -> u16 {
    match answered {
        Answered::Refused { status, .. } => *status,
        Answered::Payment(_) | Answered::Repeated(_) => 200,
    }
}

#[test]
fn only_an_open_payment_is_completed_by_its_id() {
    for status in PaymentStatus::ALL {
        let mut world = world(*status, money("99.00"));
        let answered = carry_out(&mut world, &by_id());
        if status.is_open() {
            let Answered::Payment(view) = answered else { panic!("{answered:?}") };
            assert_eq!(view.payment.status, PaymentStatus::Completed);
            assert_eq!(view.payment.manager, Some(234));
            assert_eq!(
                (view.payment.closed_at, view.payment.updated_at),
                (Some(world.now), world.now)
            );
            assert_eq!((balance(&world), entries(&world)), (10_900, vec![(false, 9_900)]));
        } else {
            assert_eq!(answered, refused(422, NOT_OPEN));
            assert_eq!((balance(&world), entries(&world)), (1_000, vec![]));
        }
    }
}

#[test]
fn the_table_of_documents_is_the_one_in_the_documentation() {
    let page = include_str!("../../../../docs/activeplatform.md");
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    let lines = page.lines().skip_while(|line| !line.starts_with("| amount |"));
    let listed: Vec<_> = lines.skip(2).take_while(|l| l.starts_with('|')).map(cells).collect();
    let word = |paid, status| match effect(paid, status) {
        Effect::Completes => "completed",
        Effect::CompletesWithRest => "completed; the difference is a correction",
        Effect::Corrects => "as it was; the whole amount is a correction",
    };
    let known: Vec<_> =
        [(Ordering::Equal, "equal"), (Ordering::Greater, "more"), (Ordering::Less, "less")]
            .map(|(paid, name)| {
                let open = word(paid, PaymentStatus::Waiting);
                let closed = word(paid, PaymentStatus::Completed);
                assert_eq!(open, word(paid, PaymentStatus::Expired));
                assert_eq!(closed, word(paid, PaymentStatus::PaidFromBalance));
                assert_eq!(closed, word(paid, PaymentStatus::Cancelled));
                vec![name.to_owned(), open.to_owned(), closed.to_owned()]
            })
            .to_vec();
    assert_eq!(listed, known);
}

#[test]
fn what_is_not_there_or_not_right_changes_nothing() {
    let cases = [
        (Complete { which: Which::Payment(1), ..by_id() }, 404),
        (Complete { which: Which::Document("x".into()), ..by_document(money("1")) }, 404),
        (Complete { method: 3, ..by_id() }, 422),
        (Complete { currency: Some("EUR".into()), ..by_document(money("99")) }, 422),
        (by_document(money("999999999999.99")), 422),
    ];
    for (ask, status) in cases {
        let mut changed = world(PaymentStatus::Waiting, money("99.00"));
        assert_eq!(status_of(&carry_out(&mut changed, &ask)), status, "{ask:?}");
        assert_eq!(changed.ledger, world(PaymentStatus::Waiting, money("99.00")).ledger);
    }
}

#[test]
fn a_transaction_is_answered_once_and_belongs_to_its_document_and_amount() {
    let mut world = world(PaymentStatus::Waiting, money("99.00"));
    let ask = Complete { transaction: Some("t-1".into()), ..by_document(money("100.00")) };
    let Answered::Payment(view) = carry_out(&mut world, &ask) else { panic!() };
    assert_eq!(view.payment.corrections, [42]);
    assert_eq!((balance(&world), entries(&world)), (11_000, vec![(false, 9_900), (true, 100)]));
    let comment = &world.ledger.corrections[0].comment;
    assert!(comment.contains("2005258") && comment.contains("t-1"), "{comment}");

    let after = world.ledger.clone();
    let again = carry_out(&mut world, &ask);
    assert_eq!(again, Answered::Repeated(answer::payment(&view)));
    let other = Complete { amount: Some(money("1.00")), ..ask };
    assert_eq!(status_of(&carry_out(&mut world, &other)), 422);
    assert_eq!(world.ledger, after);
}

proptest! {
    /// Whatever comes in whichever order, the account gets exactly what was accepted, and the payment is
    /// completed at most once.
    #[test]
    fn what_is_accepted_is_credited_to_the_kopeck(
        total in 0..20_000_i64,
        status in 0..PaymentStatus::ALL.len(),
        asks in prop::collection::vec(prop::option::of((1..40_000_i64, 0..6_u8)), 1..12),
    ) {
        let total = Money::from_kopecks(total).unwrap();
        let mut world = world(PaymentStatus::ALL[status], total);
        let mut accepted = 0;
        for ask in asks {
            let ask = match ask {
                None => by_id(),
                Some((kopecks, transaction)) => Complete {
                    // Every third amount is exact.
                    amount: Some(match kopecks % 3 {
                        0 if total > Money::ZERO => total,
                        _ => Money::from_kopecks(kopecks).unwrap(),
                    }),
                    transaction: Some(transaction.to_string()),
                    ..by_document(total)
                },
            };
            let was_open = world.ledger.payment((RESELLER, 6475)).unwrap().status.is_open();
            match carry_out(&mut world, &ask) {
                Answered::Payment(_) => accepted += ask.amount.unwrap_or(total).kopecks(),
                Answered::Repeated(_) => {}
                Answered::Refused { status, .. } => {
                    prop_assert_eq!(status, 422);
                    prop_assert!(ask.amount.is_some() || !was_open);
                }
            }
        }
        prop_assert_eq!(balance(&world), 1_000 + accepted);
        prop_assert_eq!(entries(&world).iter().map(|(_, amount)| amount).sum::<i64>(), accepted);
        let closings = entries(&world).iter().filter(|(correction, _)| !correction).count();
        prop_assert_eq!(closings, world.ledger.completed.len());
        prop_assert!(closings <= 1);
    }
}
