use std::collections::BTreeMap;

use proptest::prelude::*;

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

#[test]
fn tickets_are_taken_out_while_an_order_is_paid() {
    let mut world = world();
    let order = done(carry_out(&mut world, &new(random(&[(0, 2), (1, 1)]))));
    let which = || Which::Stored(order.id);
    done(carry_out(&mut world, &ask(which(), Changes::default(), Some(OrderStatus::InProgress))));
    let tickets = |numbers: &[usize]| Changes {
        wanted: Some(Wanted::Tickets(numbers.iter().map(|number| ticket(*number)).collect())),
        ..Changes::default()
    };
    for (changes, message_of) in [
        (tickets(&[0, 4]), "the order has no ticket"),
        (random(&[(0, 1)]), "random: the order is in_progress"),
        (
            Changes { promocodes: Some(BTreeSet::new()), ..tickets(&[0]) },
            "The order is in_progress",
        ),
    ] {
        let refused = message(carry_out(&mut world, &ask(which(), changes, None)));
        assert!(refused.contains(message_of), "{refused}");
    }
    let less =
        done(carry_out(&mut world, &ask(which(), tickets(&[0, 6]), Some(OrderStatus::Done))));
    assert_eq!(less.values.full.kopecks(), 10_000 + 3_335 + 2 * 110);
    assert_eq!(world.inventory.entries[0].1.amount, less.values.full, "what is left is sold");
    assert_eq!(world.inventory.ticket(OBJECT, ticket(1)).unwrap().holder, None);
}

#[test]
fn tickets_are_given_back_once_for_what_the_culprit_says() {
    let mut world = world();
    let order = done(carry_out(&mut world, &new(random(&[(0, 3)]))));
    let these =
        |numbers: &[usize]| Back::These(numbers.iter().map(|number| ticket(*number)).collect());
    let early = asking(order.id, Culprit::User, these(&[0]));
    assert!(message(command(&mut world, &early)).contains("The order is executed"));
    let sale = ask(Which::Stored(order.id), Changes::default(), Some(OrderStatus::Done));
    done(carry_out(&mut world, &sale));
    let first = refund(command(&mut world, &early));
    assert_eq!(
        (first.value.kopecks(), first.stay.as_slice()),
        (10_000, &[ticket(1), ticket(2)][..])
    );
    for (back, told) in [
        (these(&[0]), "is in another refund request"),
        (these(&[7]), "the order has no ticket"),
        (these(&[]), "no ticket would go back"),
        (Back::AllBut([ticket(1), ticket(2)].into()), "is in another refund request"),
    ] {
        let refused = message(command(&mut world, &asking(order.id, Culprit::Org, back)));
        assert!(refused.contains(told), "{refused}");
    }
    let whole = ask(Which::Stored(order.id), Changes::default(), Some(OrderStatus::Refunded));
    assert!(message(carry_out(&mut world, &whole)).contains("nobody has decided yet"));
    let closed = refund(command(&mut world, &settling(order.id, first.id, false)));
    assert_eq!(closed.status, RefundStatus::Rejected);
    let again = settling(order.id, first.id, true);
    assert!(message(command(&mut world, &again)).contains("is rejected: that is its end"));
    let second = refund(command(&mut world, &asking(order.id, Culprit::Org, these(&[0]))));
    refund(command(&mut world, &settling(order.id, second.id, true)));
    let after = world.inventory.order(OBJECT, order.id).unwrap();
    assert_eq!((after.status, after.refunded.kopecks()), (OrderStatus::Done, 10_110));
    assert_eq!(
        world.inventory.ticket(OBJECT, ticket(0)).unwrap().holder,
        None,
        "it is on sale again"
    );
    // Another order buys it; the rest goes back as a whole, for what it cost.
    assert_eq!(done(carry_out(&mut world, &new(random(&[(0, 4)])))).lines.len(), 4);
    let rest = done(carry_out(&mut world, &whole));
    assert_eq!((rest.refunded, rest.status), (rest.values.full, OrderStatus::Refunded));
    let amounts: Vec<i64> =
        world.inventory.entries.iter().map(|(_, entry)| entry.amount.kopecks()).collect();
    assert_eq!(amounts, [30_330, 10_110, 20_220]);
    let stranger = RefundAsk {
        partner: id(2),
        order: order.id,
        culprit: Culprit::Org,
        back: these(&[1]),
        requested_at: None,
    };
    let refused = command(&mut world, &Command::Ask(stranger));
    assert!(matches!(refused, Answered::Refused { status: 404, .. }));
}

/// What somebody may ask for; orders are named by how many there were before them.
#[derive(Debug, Clone)]
enum Act {
    New(Changes),
    Change(usize, Changes),
    Step(usize, OrderStatus),
    Both(usize, Changes, OrderStatus),
    /// That tickets with these numbers, or all but these, go back.
    Ask(usize, bool, BTreeSet<usize>, bool),
    /// About which request of an order, and what.
    Settle(usize, usize, bool),
    Wait(i64),
}

fn changes() -> impl Strategy<Value = Changes> {
    let tickets = prop::collection::btree_set(0..2 * TICKETS, 1..5)
        .prop_map(|ids| Wanted::Tickets(ids.into_iter().map(ticket).collect()));
    let counts = prop::collection::btree_map(0..2_usize, 1..5_usize, 1..3).prop_map(|counts| {
        Wanted::Random(counts.into_iter().map(|(set, count)| (id(set), count)).collect())
    });
    let wanted = prop::option::weighted(0.8, prop_oneof![tickets, counts]);
    let codes = prop::option::of(prop_oneof![
        Just(BTreeSet::new()),
        Just(BTreeSet::from(["PROMO".to_owned()])),
        Just(BTreeSet::from(["NONE".to_owned()])),
    ]);
    let system = prop_oneof![Just(None), Just(Some(None)), Just(Some(Some("api/BASE".to_owned())))];
    (wanted, codes, system, any::<bool>()).prop_map(
        |(wanted, promocodes, system, all_or_nothing)| Changes {
            wanted,
            all_or_nothing,
            promocodes,
            customer: BTreeMap::new(),
            payment: PaymentChange { system, ..PaymentChange::default() },
            vendor_data: None,
        },
    )
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let status = || prop::sample::select(OrderStatus::ALL);
    let act = prop_oneof![
        4 => changes().prop_map(Act::New),
        3 => (0..8_usize, changes()).prop_map(|(order, changes)| Act::Change(order, changes)),
        3 => (0..8_usize, status()).prop_map(|(order, status)| Act::Step(order, status)),
        1 => (0..8_usize, changes(), status()).prop_map(|(order, c, status)| Act::Both(order, c, status)),
        2 => (0..4_usize, any::<bool>(), prop::collection::btree_set(0..2 * TICKETS, 0..3), any::<bool>())
            .prop_map(|(order, org, tickets, back)| Act::Ask(order, org, tickets, back)),
        2 => (0..4_usize, 0..3_usize, any::<bool>()).prop_map(|(o, n, approve)| Act::Settle(o, n, approve)),
        1 => (0..500_i64).prop_map(Act::Wait),
    ];
    prop::collection::vec(act, 1..40)
}

/// Tickets, promo codes, sums and entries say the same.
fn assert_agrees(world: &World, orders: &[OrderId]) {
    let inventory = &world.inventory;
    let all: Vec<&Order> = orders.iter().filter_map(|id| inventory.order(OBJECT, *id)).collect();
    for number in 0..2 * TICKETS {
        let holders: Vec<OrderId> = all
            .iter()
            .filter(|order| order.held().any(|id| id == ticket(number)))
            .map(|order| order.id)
            .collect();
        let holder = inventory.ticket(OBJECT, ticket(number)).unwrap().holder;
        assert!(holders.len() <= 1 && holder == holders.first().copied(), "{number}: {holders:?}");
        let free = inventory.free(OBJECT, set_of(number)).any(|id| id == ticket(number));
        assert_eq!(free, holder.is_none(), "{number}");
    }
    let used = all.iter().filter(|o| o.status.holds() && !o.promocodes.is_empty()).count() as i64;
    assert_eq!(inventory.promocode(OBJECT, id(1)).unwrap().used, used);
    assert!(used <= USES);
    for order in &all {
        assert!(!order.lines.is_empty());
        assert_eq!(Values::of(order.lines.values()), Some(order.values), "{order:?}");
        let entered = |kind| {
            let entries = inventory.entries.iter().map(|(_, entry)| entry);
            let of = entries.filter(|entry| entry.order == order.id && entry.kind == kind);
            of.map(|entry| entry.amount).collect::<Vec<_>>()
        };
        let sold = matches!(order.status, OrderStatus::Done | OrderStatus::Refunded);
        let once = |there: bool| if there { vec![order.values.full] } else { vec![] };
        assert_eq!(entered(EntryKind::Sale), once(sold), "{order:?}");
        let given_back =
            entered(EntryKind::Refund).iter().map(|amount| amount.kopecks()).sum::<i64>();
        assert_eq!(given_back, order.refunded.kopecks(), "{order:?}");
        assert!(order.refunded <= order.values.full, "never more than was paid");
        let left = order.lines.values().any(|line| line.refunded_by.is_none());
        assert!(!sold || left == (order.status == OrderStatus::Done), "{order:?}");
    }
    let mut numbers: Vec<i64> = all.iter().map(|order| order.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=all.len() as i64).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn whatever_is_asked_the_office_agrees(acts in acts()) {
        let mut world = world();
        let mut orders: Vec<OrderId> = Vec::new();
        for act in acts {
            let stored = |number: usize| orders.get(number).copied().map(Which::Stored);
            let asked = match act {
                Act::New(changes) if changes.wanted.is_some() => Some(new(changes)),
                Act::New(_) => None,
                Act::Change(number, changes) => stored(number).map(|w| ask(w, changes, None)),
                Act::Step(number, to) => {
                    stored(number).map(|w| ask(w, Changes::default(), Some(to)))
                }
                Act::Both(number, changes, to) => stored(number).map(|w| ask(w, changes, Some(to))),
                Act::Ask(number, org, tickets, back) => {
                    let tickets = tickets.into_iter().map(ticket).collect();
                    let back = if back { Back::These(tickets) } else { Back::AllBut(tickets) };
                    let culprit = if org { Culprit::Org } else { Culprit::User };
                    let asked = orders.get(number).map(|order| asking(*order, culprit, back));
                    asked.into_iter().for_each(|asked| drop(command(&mut world, &asked)));
                    None
                }
                Act::Settle(number, which, approve) => {
                    let order = orders.get(number).copied();
                    let refunds = order.map(|order| world.inventory.refunds_of(OBJECT, order));
                    let refund = refunds.and_then(|all| all.get(which).map(|refund| refund.id));
                    let asked = order.zip(refund).map(|(order, id)| settling(order, id, approve));
                    asked.into_iter().for_each(|asked| drop(command(&mut world, &asked)));
                    None
                }
                Act::Wait(seconds) => {
                    world.now = after(world.now, seconds);
                    None
                }
            };
            assert_agrees(&world, &orders);
            let Some(asked) = asked else { continue };
            let before = world.clone();
            match carry_out(&mut world, &asked) {
                Answered::Order { view, .. } if view.order.version == 0 && !orders.contains(&view.order.id) => {
                    orders.push(view.order.id);
                }
                Answered::Order { .. } | Answered::Refund(_) => {}
                Answered::Refused { .. } => {
                    prop_assert_eq!(&before.inventory, &world.inventory, "a refusal changes nothing");
                }
            }
            assert_agrees(&world, &orders);
        }
    }
}
