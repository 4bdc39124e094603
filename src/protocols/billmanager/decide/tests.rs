//! The rules, without a store.

mod parameters;
mod refunds;

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::protocols::billmanager::command::{Add, Confirm, PayBy, Text};
use crate::protocols::billmanager::model::{
    Addon, AddonKind, Choice, ItemStatus, Method, PaymentStatus, Pricelist, RefundRule, Stored,
};

const OBJECT: ObjectId = ObjectId(2_000_000_000_000_000);

fn money(kopecks: i64) -> Money {
    Money::from_kopecks(kopecks).unwrap()
}

fn addon(kind: AddonKind, price: i64) -> Addon {
    let choice = |price| Choice { name: Text::new("в", "c"), price: money(price) };
    Addon {
        kind,
        name: Text::new("д", "a"),
        unit: Text::new("шт.", "pcs."),
        included: 3,
        least: 1,
        most: 9,
        step: 2,
        price: money(price),
        choices: [(1, choice(0)), (2, choice(725))].into(),
    }
}

fn list() -> Pricelist {
    Pricelist {
        id: 2,
        provider: 1,
        itemtype: "vds".into(),
        quick: false,
        name: Text::new("т", "p"),
        currency: "RUB".into(),
        active: true,
        prices: [(1, money(1000)), (12, money(9999))].into(),
        addons: [
            (2, addon(AddonKind::Count, 111)),
            (3, addon(AddonKind::Flag, 455)),
            (4, addon(AddonKind::Choice, 0)),
        ]
        .into(),
        parameters: Vec::new(),
        refund: RefundRule::Days,
    }
}

/// A world with a balance, and the numbers that the next task gets.
struct Shop {
    ledger: LedgerState,
    next: i64,
}

impl Shop {
    fn with(balance: i64) -> Shop {
        let mut ledger = LedgerState::default();
        let balance = money(balance);
        let account = Account { provider: 1, currency: "RUB".into(), balance, loaded: balance };
        ledger.accounts.insert(OBJECT, account);
        ledger.pricelists.insert(2, list());
        ledger.promocodes.insert((1, "P".into()), 15);
        let method = Method {
            provider: 1,
            module: "yc".into(),
            name: Text::default(),
            needs_profile: false,
            storable: false,
            test: false,
            active: true,
            parameters: BTreeMap::new(),
        };
        ledger.methods.insert(3, method);
        Shop { ledger, next: 1 }
    }

    fn ask(&mut self, ask: Ask) -> Answered {
        let key = TaskKey { object: OBJECT, guid: TaskGuid(Uuid::from_u128(self.next as u128)) };
        let number = |offset| Some(self.next + offset);
        let key_text = format!("key-{}", self.next);
        let fresh = Fresh { item: number(0), order: number(1), payment: number(2), key: key_text };
        self.next += 3;
        self.ledger.fresh.insert(key, fresh);
        let job = Job { key, by: AggregatorId(7), now: Timestamp::default() };
        decide(&mut self.ledger, job, &ask)
    }

    fn add(&mut self, add: Add) -> Result<i64, String> {
        match self.ask(Ask::Add(add)) {
            Answered::Added(item) => Ok(item),
            other => Err(message(&other)),
        }
    }

    fn balance(&self) -> i64 {
        self.ledger.accounts[&OBJECT].balance.kopecks()
    }
}

/// `value elid`, or what was done.
fn message(answered: &Answered) -> String {
    match answered {
        Answered::Refused(fault) => {
            format!("{} {}", fault.kind, fault.object.as_deref().unwrap_or("-"))
        }
        done => format!("{done:?}"),
    }
}

fn one(period: i64, addons: &[(i64, &str)]) -> Add {
    let addons = addons.iter().map(|(id, value)| (*id, (*value).to_owned())).collect();
    let itemtype = "vds".into();
    Add { itemtype, pricelist: 2, period, addons, ..Add::default() }
}

fn pay(items: Vec<i64>, by: PayBy) -> Ask {
    let (profile, store, parameters) = (None, false, BTreeMap::new());
    Ask::Confirm(Confirm { items, by, profile, store, parameters })
}

#[test]
fn a_price_is_the_base_and_each_add_on_for_as_many_months() {
    for (period, addons, kopecks) in [
        (1, &[][..], 1000),
        (1, &[(2, "3")][..], 1000),
        (1, &[(2, "9")][..], 1000 + 6 * 111),
        (12, &[(2, "5"), (3, "on"), (4, "2")][..], 9999 + 12 * (2 * 111 + 455 + 725)),
        (12, &[(3, "off"), (4, "1")][..], 9999),
    ] {
        let mut shop = Shop::with(0);
        let item = shop.add(one(period, addons)).unwrap();
        let item = shop.ledger.in_cart((OBJECT, item)).unwrap();
        assert_eq!(item.price.kopecks(), kopecks, "{addons:?}");
        let sum: i64 = item.configuration.iter().map(|line| line.price.kopecks()).sum();
        assert_eq!(sum, kopecks);
    }
}

#[test]
fn a_value_that_an_add_on_does_not_have_is_refused() {
    for (addon, value) in
        [(2, "0"), (2, "2"), (2, "11"), (2, "x"), (2, "-1"), (3, "1"), (4, "3"), (4, ""), (9, "1")]
    {
        let wrong = Shop::with(0).add(one(1, &[(addon, value)])).unwrap_err();
        assert_eq!(wrong, format!("value addon_{addon}"), "{value}");
    }
    let mut shop = Shop::with(0);
    let list = shop.ledger.pricelists.get_mut(&2).unwrap();
    list.addons.get_mut(&2).unwrap().price = money(99_999_999_999_999);
    assert_eq!(shop.add(one(1, &[(2, "9")])).unwrap_err(), "value addon_2");
}

#[test]
fn what_two_tasks_of_a_batch_want_one_of_them_gets() {
    let mut shop = Shop::with(1000);
    let (first, second) = (shop.add(one(1, &[])).unwrap(), shop.add(one(1, &[])).unwrap());
    assert!(matches!(shop.ask(pay(vec![first], PayBy::Balance)), Answered::Ordered(_)));
    assert_eq!(message(&shop.ask(pay(vec![first], PayBy::Balance))), "value elid");
    assert_eq!(message(&shop.ask(pay(vec![second], PayBy::Balance))), "limit balance");
    assert_eq!(message(&shop.ask(Ask::Delete(vec![first]))), "value selected");
    assert_eq!(message(&shop.ask(Ask::Delete(vec![second]))), "Done");
    assert_eq!(message(&shop.ask(pay(vec![second], PayBy::Method(3)))), "value elid");
    assert_eq!(shop.balance(), 0);
}

#[test]
fn only_an_open_payment_is_credited() {
    for status in PaymentStatus::ALL {
        let mut shop = Shop::with(0);
        let item = shop.add(one(1, &[])).unwrap();
        let Answered::Ordered(ordered) = shop.ask(pay(vec![item], PayBy::Method(3))) else {
            panic!("not ordered")
        };
        let payment = ordered.payment.unwrap();
        let link = format!("/mancgi/ycpayment?elid={payment}&key=key-4");
        assert_eq!(ordered.link, Some(link));
        let mut stored = shop.ledger.payment((OBJECT, payment)).unwrap().clone();
        stored.status = status;
        shop.ledger.load_payment((OBJECT, payment), stored);
        let expected = match status {
            PaymentStatus::New | PaymentStatus::InProgress | PaymentStatus::Pledged => "Done",
            PaymentStatus::Credited => "exists elid",
            _ => "value elid",
        };
        assert_eq!(message(&shop.ask(Ask::PayOnPage(payment))), "access elid");
        assert_eq!(message(&shop.ask(Ask::SetPaid(payment))), expected, "{status:?}");
        assert_eq!(message(&shop.ask(Ask::SetPaid(payment + 1))), "missed elid");
    }
}

/// What may come, in any order.
fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let some = || prop::collection::vec(1..60_i64, 1..4);
    let added = (any::<bool>(), 1..10_i64).prop_map(|(skip_basket, count)| {
        Ask::Add(Add { skip_basket, count: Some(count), ..one(1, &[(2, &count.to_string())]) })
    });
    let by = prop_oneof![Just(PayBy::Balance), Just(PayBy::Method(3))];
    let ask = prop_oneof![
        4 => added,
        1 => some().prop_map(Ask::Activate),
        1 => some().prop_map(Ask::Delete),
        1 => Just(Ask::Promocode("P".into())),
        4 => (some(), by).prop_map(|(items, by)| pay(items, by)),
        2 => (1..60_i64).prop_map(Ask::SetPaid),
    ];
    prop::collection::vec(ask, 1..40)
}

proptest! {
    #[test]
    fn whatever_comes_the_books_agree(asks in asks(), balance in 0..10_000_i64) {
        let mut shop = Shop::with(balance);
        for ask in asks {
            // A list of line items names each once.
            let distinct = match &ask {
                Ask::Activate(items) | Ask::Delete(items) => items.clone(),
                Ask::Confirm(confirm) => confirm.items.clone(),
                _ => Vec::new(),
            };
            let mut sorted = distinct.clone();
            sorted.sort_unstable();
            sorted.dedup();
            if sorted.len() == distinct.len() {
                shop.ask(ask);
            }
        }
        let ledger = &shop.ledger;
        let charged = |kind| -> i64 {
            let of_it = ledger.entries.iter().filter(|entry| entry.kind == kind);
            of_it.map(|entry| entry.amount.kopecks()).sum()
        };
        let expected = balance + charged(EntryKind::Payment) - charged(EntryKind::Order);
        prop_assert_eq!(shop.balance(), expected);
        let mut ordered = Vec::new();
        for order in ledger.orders.values() {
            let sum: i64 = order.lines.iter().map(|(_, cost)| cost.kopecks()).sum();
            prop_assert_eq!(sum, order.total.kopecks());
            ordered.extend(order.lines.iter().map(|(item, _)| *item));
        }
        let count = ordered.len();
        ordered.sort_unstable();
        ordered.dedup();
        prop_assert_eq!(ordered.len(), count, "a line item is ordered once");
        let marked = ledger.new_items().filter(|(_, item)| item.status == ItemStatus::Ordered);
        prop_assert_eq!(marked.count(), count);
    }
}
