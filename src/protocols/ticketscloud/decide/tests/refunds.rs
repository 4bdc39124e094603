//! Tickets taken out and given back.

use super::*;

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
