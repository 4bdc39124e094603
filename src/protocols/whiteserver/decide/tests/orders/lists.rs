//! What `GetOrderList` shows of a batch.

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

#[test]
fn a_list_shows_what_the_batch_has_done_so_far() {
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    state.now = at(90);
    let permits = Permits { all_tables: true, closed_orders: true, ..Permits::default() };
    permitting(&mut state, permits);
    let other = OrderGuid(Uuid::from_u128(11));
    let listed = |created: i64, order: Order, table: &str| Listed {
        order: Order { created_at: at(created), ..order },
        table_code: Some(TableCode::Text(table.into())),
        payments: Vec::new(),
    };
    let open = || order(OrderStatus::Created, 500, 0);
    let stored = vec![(ORDER, listed(0, open(), "5")), (other, listed(30, open(), "5"))];
    for (table, with_closed) in
        [(None, false), (None, true), (Some("5"), false), (Some("6"), false)]
    {
        let Command::GetOrderList(which) = list(table, with_closed) else { unreachable!() };
        state.load_list(OBJECT, which, if table == Some("6") { vec![] } else { stored.clone() });
    }
    let create = Command::CreateOrder(Box::new(CreateOrder {
        total: money(700),
        content: OrderContent { table_code: Some(TableCode::Number(6)), ..Default::default() },
        guid: None,
    }));
    run(&mut state, 20, create).unwrap();
    run(&mut state, 21, prepay(100, Some(CASH))).unwrap();
    let created = OrderGuid(Uuid::from_u128(20));
    let mut shown = |table, with_closed| match run(&mut state, 30, list(table, with_closed)) {
        Ok(Reply::Orders(orders)) => orders,
        other => panic!("{other:?}"),
    };
    let guids = |orders: &[crate::protocols::whiteserver::reply::ListedOrder]| -> Vec<OrderGuid> {
        orders.iter().map(|order| order.guid).collect()
    };
    let all = shown(None, false);
    assert_eq!(guids(&all), [created, other, ORDER], "the newest first");
    assert_eq!(all.iter().map(|order| order.minutes).collect::<Vec<_>>(), [0, 60, 90]);
    assert_eq!((all[2].due, all[2].finished), (money(400), false));
    assert_eq!((all[2].payments.len(), all[2].payments[0].amount), (1, money(100)));
    assert_eq!(guids(&shown(Some("6"), false)), [created], "a number and a text are one table");
    assert_eq!(guids(&shown(Some("5"), false)), [other, ORDER]);

    run(&mut state, 31, prepay(400, Some(CASH))).unwrap();
    run(&mut state, 32, Command::CompleteOrder(ORDER)).unwrap();
    let mut shown = |with_closed| match run(&mut state, 33, list(None, with_closed)) {
        Ok(Reply::Orders(orders)) => orders,
        other => panic!("{other:?}"),
    };
    assert_eq!(guids(&shown(false)), [created, other]);
    let closed = shown(true).into_iter().find(|order| order.guid == ORDER).unwrap();
    assert!(closed.finished);
    assert_eq!(closed.minutes, 90, "to its end");
}

#[test]
fn a_list_has_an_end() {
    let mut state = state(AgentVersion::V1, order(OrderStatus::Created, 500, 0));
    permitting(&mut state, Permits { all_tables: true, ..Permits::default() });
    let Command::GetOrderList(which) = list(None, false) else { unreachable!() };
    let one = |n: usize| {
        let order = Order { created_at: at(n as i64), ..order(OrderStatus::Created, 500, 0) };
        let listed = Listed { order, table_code: None, payments: Vec::new() };
        (OrderGuid(Uuid::from_u128(100 + n as u128)), listed)
    };
    state.load_list(OBJECT, which, (0..MOST_LISTED + 7).map(one).collect());
    let answer = run(&mut state, 1, list(None, false));
    let Ok(Reply::Orders(orders)) = answer else { panic!("{answer:?}") };
    assert_eq!(orders.len(), MOST_LISTED);
    assert_eq!(orders[0].opened_at.timestamp(), at(MOST_LISTED as i64 + 6));
}
