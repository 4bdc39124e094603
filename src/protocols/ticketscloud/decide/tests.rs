mod acts;
mod refunds;

use std::collections::BTreeMap;

use super::*;
use crate::domain::money::Money;
use crate::domain::task::TaskGuid;
use crate::protocols::ticketscloud::command::{Back, PaymentChange, RefundAsk, Settlement, Wanted};
use crate::protocols::ticketscloud::hex_id::{PartnerId, RefundId, RuleId, SetId, TicketId};
use crate::protocols::ticketscloud::model::refund::{Culprit, Refund};
use crate::protocols::ticketscloud::model::{Discount, Period, Rule, System};

const OBJECT: ObjectId = ObjectId(1_000_000_000_000_000);
const PAYMENT_S: i64 = 43_200;
const TICKETS: usize = 6;
/// In how many orders the promo code may be.
const USES: i64 = 2;

fn id<T: std::str::FromStr<Err = String>>(number: usize) -> T {
    format!("{number:024x}").parse().unwrap()
}

fn ticket(number: usize) -> TicketId {
    id(number)
}

/// Two sets of six tickets: numbers 0 to 5, and 6 to 11.
fn set_of(number: usize) -> SetId {
    id(number / TICKETS)
}

/// What the rules look at.
#[derive(Clone)]
struct World {
    now: Timestamp,
    inventory: InventoryState,
}

fn world() -> World {
    let now = Timestamp::from_second(2_000_000_000).unwrap();
    let mut world = World { now, inventory: InventoryState::default() };
    let inventory = &mut world.inventory;
    let org: PartnerId = id(1);
    inventory.events.insert(OBJECT, Event { id: id(1), org, on_sale: true, last_number: 0 });
    for (set, price) in [(0, "100.00"), (1, "33.35")] {
        let rule = Rule {
            id: id::<RuleId>(set),
            price: Money::parse(price).unwrap(),
            extra: Money::parse("1.10").unwrap(),
            period: Period::default(),
        };
        inventory.rules.insert((OBJECT, id(set)), vec![rule]);
    }
    for number in 0..2 * TICKETS {
        inventory.load_ticket(OBJECT, ticket(number), set_of(number), None, None);
    }
    inventory.load_promocode(
        OBJECT,
        Promocode {
            id: id(1),
            code: "PROMO".into(),
            discount: Discount::Percent("33.33".parse().unwrap()),
            set: None,
            uses: Some(USES),
            used: 0,
            period: Period::default(),
        },
    );
    inventory.systems.insert(id(1), System { id: id(1), code: "api/BASE".into() });
    world
}

fn ask(which: Which, changes: Changes, status: Option<OrderStatus>) -> Transition {
    Transition { partner: id(1), which, changes, status, payment_s: PAYMENT_S, wide: false }
}

fn carry_out(world: &mut World, ask: &Transition) -> Answered {
    command(world, &Command::Order(ask.clone()))
}

fn command(world: &mut World, command: &Command) -> Answered {
    let key = TaskKey { object: OBJECT, guid: TaskGuid::new() };
    decide(&mut world.inventory, world.now, key, command)
}

/// Asks that tickets be given back.
fn asking(order: OrderId, culprit: Culprit, back: Back) -> Command {
    Command::Ask(RefundAsk { partner: id(1), order, culprit, back, requested_at: None })
}

fn settling(order: OrderId, refund: RefundId, approve: bool) -> Command {
    Command::Settle(Settlement { partner: id(1), refund, order, approve })
}

fn refund(answered: Answered) -> Refund {
    match answered {
        Answered::Refund(view) => view.refund,
        other => panic!("{other:?}"),
    }
}

fn random(counts: &[(usize, usize)]) -> Changes {
    let counts = counts.iter().map(|(set, count)| (id(*set), *count)).collect();
    Changes { wanted: Some(Wanted::Random(counts)), ..Changes::default() }
}

fn new(changes: Changes) -> Transition {
    ask(Which::New { deal: None, reserve_s: 600 }, changes, None)
}

fn done(answered: Answered) -> Order {
    match answered {
        Answered::Order { view, .. } => view.order,
        other => panic!("{other:?}"),
    }
}

fn message(answered: Answered) -> String {
    match answered {
        Answered::Refused { status: 400, errors } => errors.concat(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_order_that_is_paid_at_once_is_sold_at_once() {
    let mut world = world();
    let order = done(carry_out(&mut world, &new(random(&[(0, 2), (1, 1)]))));
    assert_eq!(order.values.full.kopecks(), 20_000 + 3_335 + 3 * 110);
    assert_eq!(order.reserved_till.duration_since(world.now).as_secs(), 600);
    assert_eq!((order.number, order.lines.len()), (1, 3));
    let changes = Changes {
        payment: PaymentChange { system: Some(Some("api/BASE".into())), ..Default::default() },
        ..Changes::default()
    };
    let which = || Which::Stored(order.id);
    let both = ask(which(), changes.clone(), Some(OrderStatus::Done));
    let refused = message(carry_out(&mut world, &both));
    assert!(refused.contains("from executed to done"), "{refused}");
    assert_eq!(world.inventory.order(OBJECT, order.id), Some(&order), "nothing is changed");
    let both = ask(which(), changes, Some(OrderStatus::InProgress));
    let paying = done(carry_out(&mut world, &both));
    assert_eq!(paying.reserved_till.duration_since(world.now).as_secs(), PAYMENT_S);
    assert_eq!(paying.system, Some(id(1)));
    done(carry_out(&mut world, &ask(which(), Changes::default(), Some(OrderStatus::Done))));
    let sold: Vec<_> = world.inventory.entries.iter().map(|(_, entry)| entry.amount).collect();
    assert_eq!(sold, [order.values.full]);
}

#[test]
fn a_request_that_changes_nothing_moves_no_money() {
    let mut world = world();
    let order = done(carry_out(&mut world, &new(random(&[(0, 1)]))));
    let nothing = ask(Which::Stored(order.id), Changes::default(), None);
    for (to, entries) in [(None, 0), (Some(OrderStatus::Done), 1), (Some(OrderStatus::Refunded), 2)]
    {
        done(carry_out(&mut world, &Transition { status: to, ..nothing.clone() }));
        done(carry_out(&mut world, &nothing));
        assert_eq!(world.inventory.entries.len(), entries, "after {to:?}");
    }
}

#[test]
fn an_order_whose_time_is_over_is_expired_whoever_has_swept() {
    let mut world = world();
    let order = done(carry_out(&mut world, &new(random(&[(0, 1)]))));
    world.now = order.reserved_till;
    let late = ask(Which::Stored(order.id), Changes::default(), Some(OrderStatus::Done));
    assert!(message(carry_out(&mut world, &late)).contains("from expired to done"));
    let late = ask(Which::Stored(order.id), random(&[(0, 2)]), None);
    assert!(message(carry_out(&mut world, &late)).contains("The order is expired"));
    let stranger = Transition { partner: id(2), ..late };
    assert!(matches!(carry_out(&mut world, &stranger), Answered::Refused { status: 404, .. }));
}

#[test]
fn an_order_that_costs_too_much_is_refused() {
    let mut world = world();
    let most = Money::from_kopecks(99_999_999_999_999).unwrap();
    for rules in world.inventory.rules.values_mut() {
        rules[0].price = most;
        rules[0].extra = Money::ZERO;
    }
    assert!(
        message(carry_out(&mut world, &new(random(&[(0, 2)])))).contains("more than an amount")
    );
    assert_eq!(done(carry_out(&mut world, &new(random(&[(0, 1)])))).number, 1, "and has no number");
}
