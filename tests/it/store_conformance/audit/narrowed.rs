//! One object of many, and what an example shows.

use super::{audit, paid, terms};
use wsa::engine::store::audit::Terms;

use crate::support::reference::{V1, V2};
use crate::support::stores::TestStore;

on_each_store![an_audit_of_one_object_sees_no_other, examples_are_few_and_name_the_row];

async fn an_audit_of_one_object_sees_no_other(store: &TestStore) {
    let (order, _) = paid(store).await;
    store.place.drop_constraints().await;
    let sql = format!("UPDATE orders SET paid = {}", store.place.kopecks(399));
    assert_eq!(store.place.force(&sql).await, 1);
    for (object, orders, broken) in [(V1, 1, 1), (V2, 0, 0)] {
        let terms = Terms { object: Some(object), ..terms() };
        let report = store.audit(terms, |_, _, _| ()).await.unwrap();
        assert_eq!(report.rows.iter().find(|(name, _)| *name == "orders").unwrap().1, orders);
        assert_eq!(report.checks.iter().map(|checked| checked.broken).sum::<u64>(), broken);
        assert_eq!(report.is_sound(), broken == 0);
    }
    let examples: Vec<_> =
        audit(store).await.checks.into_iter().flat_map(|checked| checked.examples).collect();
    let shown = format!(
        "objectId {V1}, orderGuid {order}, status Created, total 10.00, paid 3.99, payments 4.00"
    );
    assert_eq!(examples.iter().map(ToString::to_string).collect::<Vec<_>>(), [shown]);
}

async fn examples_are_few_and_name_the_row(store: &TestStore) {
    for _ in 0..5 {
        paid(store).await;
    }
    store.place.drop_constraints().await;
    let sql = format!("UPDATE orders SET paid = {}", store.place.kopecks(399));
    assert_eq!(store.place.force(&sql).await, 5);
    let report = store.audit(Terms { examples: 2, ..terms() }, |_, _, _| ()).await.unwrap();
    let broken: Vec<_> = report.checks.iter().filter(|checked| checked.broken > 0).collect();
    assert_eq!(broken.len(), 1);
    assert_eq!((broken[0].broken, broken[0].examples.len()), (5, 2));
}
