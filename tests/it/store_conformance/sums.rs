//! Whatever is asked for, in whatever batches: the books agree.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use wsa::domain::task::{ObjectId, OrderGuid};

use crate::support::ask::{Ask, amount};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![random_tasks_in_random_batches_leave_the_books_sound];

const SEQUENCES: u64 = 6;
const TASKS: usize = 60;
const TOTAL: i64 = 1_000;

/// Any task on any of these orders, often a sensible one.
fn any_ask(random: &mut StdRng, orders: &[(ObjectId, OrderGuid)]) -> Ask {
    let (object, order) = *orders.choose(random).unwrap();
    let currency = *[CASH, CARD, ONLINE, DISCOUNT, VOUCHER].choose(random).unwrap();
    let any = random.random_range(1..=TOTAL + 1);
    let kopecks = *[any, any % 300 + 1, TOTAL, TOTAL - 1].choose(random).unwrap();
    let ask = match random.random_range(0..16) {
        0 => Ask::complete_order(object, order),
        1 => Ask::get_order(object, order),
        2 => {
            let lines = [(amount(kopecks), CASH), (amount(TOTAL - kopecks.min(TOTAL - 1)), CARD)];
            Ask::pay(object, order, &lines.each_ref().map(|(a, c)| (a.as_str(), *c)))
        }
        3..6 => Ask::add_prepay(object, order, &amount(kopecks))
            .with("currencyGuid", currency.to_string()),
        6 | 7 => Ask::remove_prepay(object, order),
        8 => Ask::order_list(object),
        9 if random.random_bool(0.5) => Ask::cancel_order(object, order),
        _ => Ask::pay(object, order, &[(&amount(kopecks), currency)]),
    };
    if random.random_ratio(1, 12) { ask.within(0) } else { ask }
}

/// Wherever an order is shown with its payments, they are what is paid of it.
fn assert_sums(answer: &Value) {
    let one = &answer["taskResponse"]["order"];
    let listed = answer["taskResponse"]["orders"].as_array();
    for order in listed.into_iter().flatten().chain([one]) {
        let Some(payments) = order["appliedPayments"].as_array() else { continue };
        let kopecks = |amount: &Value| (amount.as_f64().unwrap() * 100.0).round() as i64;
        let (total, due) = match order["price"].is_object() {
            true => (&order["price"]["total"], &order["price"]["summToPay"]),
            false => (&order["sum"], &order["unpaid"]),
        };
        let paid = payments.iter().map(|p| kopecks(&p["amount"]) + kopecks(&p["writtenOff"]));
        assert_eq!(paid.sum::<i64>(), kopecks(total) - kopecks(due), "{order}");
        assert!(payments.iter().all(|payment| payment["currencyName"].is_string()), "{order}");
    }
}

async fn random_tasks_in_random_batches_leave_the_books_sound(store: &TestStore) {
    for seed in 0..SEQUENCES {
        let mut random = StdRng::seed_from_u64(seed);
        let mut orders = Vec::new();
        for object in [V1, V1, V1, V2, V2, V2] {
            orders.push((object, store.order(object, &amount(TOTAL)).await));
        }
        let asks: Vec<Ask> = (0..TASKS).map(|_| any_ask(&mut random, &orders)).collect();
        let keys = store.all_registered(&asks).await;
        let mut rest = &keys[..];
        while !rest.is_empty() {
            let size = random.random_range(1..=rest.len().min(12));
            store.settle(&rest[..size]).await.unwrap();
            if random.random_bool(0.3) {
                store.settle(&keys[..keys.len() - rest.len() + size]).await.unwrap();
            }
            rest = &rest[size..];
        }
        for key in &keys {
            assert_sums(&store.answer(*key).await);
        }
        let books = store.books().await;
        books.assert_sound();
        assert_eq!(books.count(None), 0, "seed {seed}");
        let removed = books.payments.iter().filter(|payment| payment.removed_by.is_some()).count();
        let kept = books.payments.len() - removed;
        assert!(
            kept > 0 && removed > 0,
            "seed {seed} shows nothing: {kept} kept, {removed} removed"
        );
    }
}
