//! What comes back when a service is deleted, in one batch and in several.

use super::*;
use crate::protocols::billmanager::command::{Provision, Step};
use crate::protocols::billmanager::model::{Item, Of, Pending, RefundRule, Service, ServiceStatus};

const ID: i64 = 50;
const OF: Of = (OBJECT, ID);

/// A service that was ordered for a month and paid with 10.00, and can be prolonged for a month or a year.
fn ordered(refund: RefundRule, balance: i64) -> Shop {
    let mut shop = Shop::with(balance);
    let task = TaskGuid(Uuid::from_u128(1));
    let item = Item {
        pricelist: 2,
        itemtype: "vds".into(),
        name: Text::default(),
        period: 1,
        count: 1,
        datacenter: None,
        autoprolong: None,
        parameters: Default::default(),
        configuration: Vec::new(),
        currency: "RUB".into(),
        price: money(1200),
        discount: money(200),
        promocode: Some("P".into()),
        status: ItemStatus::Ordered,
        task,
        renewals: [(1, money(1200)), (12, money(9999))].into(),
        refund,
    };
    let service = Service {
        order: 51,
        status: ServiceStatus::Ordered,
        suspended_for: None,
        pending: Some(Pending::Open),
        autoprolong: None,
        ip: None,
        ordered_at: Timestamp::default(),
        opened_at: None,
        expires_at: None,
        anchor_day: None,
        look_at: None,
        changed_at: Timestamp::default(),
        changed_by: task,
    };
    shop.ledger.services.insert(OF, (service, item));
    shop
}

fn step(step: Step) -> Ask {
    Ask::Provision(Provision { service: ID, step, ip: None })
}

/// What an entry of a refund has.
fn refunds(shop: &Shop) -> Vec<i64> {
    let refunds = shop.ledger.entries.iter().filter(|entry| entry.kind == EntryKind::Refund);
    refunds.map(|entry| entry.amount.kopecks()).collect()
}

#[test]
fn what_was_never_opened_comes_back_once_by_any_rule_but_none() {
    for (refund, back) in
        [(RefundRule::None, 0), (RefundRule::Months, 1_000), (RefundRule::Days, 1_000)]
    {
        for ask in [Ask::DeleteService(ID), step(Step::Close)] {
            let mut shop = ordered(refund, 0);
            assert_eq!(shop.ask(ask), Answered::Done);
            // Without the discount: what was paid.
            assert_eq!(shop.balance(), back, "{refund}");
            assert!(matches!(shop.ask(Ask::DeleteService(ID)), Answered::Refused(_)));
            assert_eq!(shop.balance(), back, "{refund}");
            assert_eq!(refunds(&shop).len(), usize::from(back > 0));
        }
    }
}

#[test]
fn what_is_opened_prolonged_and_deleted_in_one_batch_comes_back_as_well() {
    let mut shop = ordered(RefundRule::Days, 20_000);
    for ask in [
        step(Step::Open),
        Ask::Prolong { service: ID, period: 12 },
        Ask::Prolong { service: ID, period: 1 },
    ] {
        assert_eq!(shop.ask(ask), Answered::Done);
    }
    assert_eq!(shop.balance(), 20_000 - 9_999 - 1_200);
    assert_eq!(shop.ask(Ask::DeleteService(ID)), Answered::Done);
    // At the moment at which it was opened nothing of it is used.
    assert_eq!((shop.balance(), refunds(&shop)), (21_000, vec![1_000 + 9_999 + 1_200]));
    let kept: i64 = shop.ledger.refunded.iter().map(|(.., back)| back.kopecks()).sum();
    assert_eq!((kept, shop.ledger.refunded.len()), (12_199, 3));
}

#[test]
fn more_than_a_balance_can_hold_is_refused_and_the_service_stays() {
    let mut shop = ordered(RefundRule::Days, 99_999_999_999_999);
    let refused = shop.ask(Ask::DeleteService(ID));
    assert_eq!(message(&refused), "limit balance");
    assert_eq!(shop.ledger.services[&OF].0.status, ServiceStatus::Ordered);
}
