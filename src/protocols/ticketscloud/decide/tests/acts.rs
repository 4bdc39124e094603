//! Whatever is asked in whatever order, tickets, promo codes, sums and entries say the same.

use proptest::prelude::*;

use super::*;

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
