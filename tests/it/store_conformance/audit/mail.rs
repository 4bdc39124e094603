//! Notifications and subscriptions that lead nowhere.

use uuid::Uuid;

use super::{Spoiler, broken, paid};
use crate::support::stores::TestStore;

on_each_store![
    each_rule_of_mail_can_be_seen_broken,
    what_retention_has_forgotten_is_not_missed,
    letters_to_a_mailbox_that_is_gone_go_as_well,
];

async fn each_rule_of_mail_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    let mut spoiler = Spoiler::of(store, place).await;
    for (check, change) in [
        ("letter-has-its-mailbox", "mailbox_id = 424242".to_owned()),
        ("letter-has-its-subject", format!("subject = {}", place.guid(Uuid::now_v7()))),
        // An event of that guid there is not.
        ("letter-has-its-subject", "is_event = NOT is_event".into()),
    ] {
        let (_, key) = paid(store).await;
        let guid = place.guid(key.guid.0);
        let sql = format!("UPDATE deliveries SET {change} WHERE subject = {guid}");
        spoiler.breaks(&[check], &[sql]).await;
    }
    let of = store.callers.other.0;
    let sql = format!(
        "UPDATE mailboxes SET aggregator_id = 424242 WHERE aggregator_id = {of} AND kind = 'replies'"
    );
    spoiler.breaks(&["mailbox-has-its-aggregator"], &[sql]).await;
    spoiler.finish(|name| name.starts_with("letter-") || name.starts_with("mailbox-")).await;
}

async fn letters_to_a_mailbox_that_is_gone_go_as_well(store: &TestStore) {
    let place = &store.place;
    let (_, gone) = paid(store).await;
    let (_, kept) = paid(store).await;
    let guid = place.guid(gone.guid.0);
    place.force(&format!("UPDATE deliveries SET mailbox_id = 424242 WHERE subject = {guid}")).await;
    assert_eq!(broken(store).await.into_keys().collect::<Vec<_>>(), ["letter-has-its-mailbox"]);
    store.forget_orphans().await.unwrap();
    assert_eq!(broken(store).await.len(), 0);
    let guid = place.guid(kept.guid.0);
    let of = format!("SELECT count(*) FROM deliveries WHERE subject = {guid}");
    assert_eq!(place.number(&of).await, 1, "others stay");
}

async fn what_retention_has_forgotten_is_not_missed(store: &TestStore) {
    let (_, key) = paid(store).await;
    let place = &store.place;
    let guid = place.guid(key.guid.0);
    place.force(&format!("DELETE FROM tasks WHERE task_guid = {guid}")).await;
    let missed: Vec<_> = broken(store).await.into_keys().collect();
    assert_eq!(missed, ["letter-has-its-subject", "payment-has-its-task"]);
    // Both as old as nothing is kept.
    let month = place.moment(-31 * 86_400_000);
    let sql = format!("UPDATE payments SET taken_at = {month} WHERE task_guid = {guid}");
    assert_eq!(place.force(&sql).await, 1);
    let sql = format!("UPDATE deliveries SET added_at = {month} WHERE subject = {guid}");
    assert_eq!(place.force(&sql).await, 1);
    assert_eq!(broken(store).await.len(), 0);
}
