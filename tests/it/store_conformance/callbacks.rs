use std::time::Duration;

use jiff::Timestamp;
use wsa::callback::outcome::{DeliveryOutcome, EndpointHealth};
use wsa::callback::sender::Attempt;
use wsa::callback::signature::{Secret, SignatureForm};
use wsa::domain::outbox::{EventTypes, Notification, SubscriptionId};
use wsa::engine::store::callbacks::NewCallback;
use wsa::engine::store::callbacks::log::LogFilter;
use wsa::engine::store::callbacks::round::Round;

use crate::support::callbacks::{add, add_only, listed, log, put_event, put_notification};
use crate::support::stores::TestStore;

on_each_store!(
    a_round_removes_postpones_puts_back_and_logs_in_one_transaction,
    who_took_a_letter_again_decides_about_it,
    failing_begins_once_and_ends_with_a_success,
    a_callback_is_there_once_for_each_aggregator_and_url,
    the_log_can_be_filtered_and_is_forgotten_by_age,
    old_secrets_are_given_out_until_their_time_is_over,
);

const URL: &str = "https://example.com/hook";

fn attempt(ended: Result<u16, &str>) -> Attempt {
    let ended = ended.map_err(str::to_owned);
    Attempt { at: Timestamp::now(), took: Duration::from_millis(12), ended }
}

async fn taken(store: &TestStore, callback: SubscriptionId, most: usize) -> Vec<Notification> {
    store.take_notifications(&[(callback, most)], 60).await.unwrap()
}

async fn failed(store: &TestStore, callback: SubscriptionId, health: EndpointHealth) {
    put_event(&store.place, callback).await;
    let notification = taken(store, callback, 1).await.remove(0);
    let posted = [(notification, attempt(Ok(500)), DeliveryOutcome::Failed)];
    let round = Round { callback, posted: &posted, put_back: &[], health };
    store.write_round(&round).await.unwrap();
}

async fn a_round_removes_postpones_puts_back_and_logs_in_one_transaction(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    for _ in 0..4 {
        put_event(&store.place, callback).await;
    }
    let mut notifications = taken(store, callback, 10).await;
    assert_eq!(notifications.len(), 4);
    assert_eq!(taken(store, callback, 10).await, [], "they are in hand");
    let left = notifications.pop().unwrap();
    let [delivered, again, gone] = <[Notification; 3]>::try_from(notifications).unwrap();
    let posted = [
        (delivered, attempt(Ok(200)), DeliveryOutcome::Delivered),
        (again.clone(), attempt(Err("no connection")), DeliveryOutcome::Again(600)),
        (gone, attempt(Ok(500)), DeliveryOutcome::Failed),
    ];
    let put_back = [(left.id, left.attempt)];
    let health = EndpointHealth::Well;
    let round = Round { callback, posted: &posted, put_back: &put_back, health };
    store.write_round(&round).await.unwrap();
    // Written twice, as after a lost answer to the commit.
    store.write_round(&round).await.unwrap();

    let mut seen: Vec<_> = log(store, callback).await;
    seen.sort_by_key(|attempt| attempt.status);
    let shown: Vec<_> =
        seen.iter().map(|a| (a.status, a.error.as_deref(), a.next_at.is_some())).collect();
    let expected =
        [(None, Some("no connection"), true), (Some(200), None, false), (Some(500), None, false)];
    assert_eq!(shown, expected);
    assert!(seen.iter().all(|a| a.took_ms == 12 && a.attempt == 1 && a.is_event));
    let due = taken(store, callback, 10).await;
    assert_eq!(due.iter().map(|l| l.id).collect::<Vec<_>>(), [left.id]);
    assert_eq!(due[0].attempt, 1, "what was put back counts as not taken");
    assert_eq!(listed(store, callback).await.waiting, 2);
    let now = format!("UPDATE deliveries SET due_at = {}", store.place.moment(0));
    store.place.execute(&now).await.unwrap();
    let attempts: Vec<_> =
        taken(store, callback, 10).await.iter().map(|l| (l.id == again.id, l.attempt)).collect();
    assert!(attempts.contains(&(true, 2)), "{attempts:?}");
}

async fn who_took_a_letter_again_decides_about_it(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    put_event(&store.place, callback).await;
    let first = taken(store, callback, 1).await.remove(0);
    let over = format!("UPDATE deliveries SET due_at = {}", store.place.moment(0));
    store.place.execute(&over).await.unwrap();
    let second = taken(store, callback, 1).await.remove(0);
    assert_eq!((first.attempt, second.attempt), (1, 2));
    let late = [(first.clone(), attempt(Ok(500)), DeliveryOutcome::Again(0))];
    for (posted, put_back) in [(&late[..], &[][..]), (&[], &[(first.id, first.attempt)])] {
        let round = Round { callback, posted, put_back, health: EndpointHealth::Well };
        store.write_round(&round).await.unwrap();
        assert_eq!(taken(store, callback, 1).await, [], "it is in the second one's hands");
    }
}

async fn failing_begins_once_and_ends_with_a_success(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    failed(store, callback, EndpointHealth::Failing).await;
    let since = listed(store, callback).await.failing_since.unwrap();
    failed(store, callback, EndpointHealth::Failing).await;
    assert_eq!(listed(store, callback).await.failing_since, Some(since));
    let receiver = store.receivers(&[callback]).await.unwrap().remove(&callback).unwrap();
    assert!((0..30).contains(&receiver.failing_s.unwrap()));
    failed(store, callback, EndpointHealth::Well).await;
    assert_eq!(listed(store, callback).await.failing_since, None);
    failed(store, callback, EndpointHealth::Off("it was tired".into())).await;
    let off = listed(store, callback).await;
    assert_eq!((off.open, off.closed_because.as_deref()), (false, Some("it was tired")));
    assert!(store.receivers(&[callback]).await.unwrap().is_empty());
    assert!(store.set_callback_open(callback, true).await.unwrap());
    let on = listed(store, callback).await;
    assert_eq!((on.open, on.closed_because, on.failing_since), (true, None, None));
}

async fn a_callback_is_there_once_for_each_aggregator_and_url(store: &TestStore) {
    let (first, _) = add_only(store, URL, true, false).await;
    let secret = Secret::generate();
    let new = |aggregator| NewCallback {
        aggregator,
        url: URL,
        answers: true,
        events: EventTypes::USUAL,
        secret: &secret,
        signature: SignatureForm::Hex,
    };
    assert_eq!(store.add_callback(&new(store.callers.main)).await.unwrap(), None);
    let other = store.add_callback(&new(store.callers.other)).await.unwrap().unwrap();
    let shown: Vec<_> = store.callbacks().await.unwrap();
    let shown: Vec<_> = shown
        .iter()
        .map(|c| (c.id, c.aggregator.as_str(), c.answers, !c.events.is_empty()))
        .collect();
    assert_eq!(shown, [(first, "main", true, false), (other, "other", true, true)]);
    assert!(store.remove_callback(first).await.unwrap());
    assert!(store.add_callback(&new(store.callers.main)).await.unwrap().is_some());
}

async fn the_log_can_be_filtered_and_is_forgotten_by_age(store: &TestStore) {
    let (one, _) = add(store, URL).await;
    let (two, _) = add(store, "https://example.com/two").await;
    let event = put_event(&store.place, one).await;
    put_notification(&store.place, two, event).await;
    for (callback, ended) in [(one, attempt(Ok(204))), (two, attempt(Err("no connection")))] {
        let notification = taken(store, callback, 1).await.remove(0);
        let posted = [(notification, ended, DeliveryOutcome::Failed)];
        let round =
            Round { callback, posted: &posted, put_back: &[], health: EndpointHealth::Well };
        store.write_round(&round).await.unwrap();
    }
    let read = async |aggregator, callback, failed, most| {
        let filter = LogFilter { aggregator, callback, failed, most };
        let read = store.delivery_log(filter).await.unwrap();
        read.into_iter().map(|attempt| attempt.callback).collect::<Vec<_>>()
    };
    assert_eq!(read(None, None, false, 10).await, [two, one], "the newest first");
    assert_eq!(read(None, None, false, 1).await, [two]);
    assert_eq!(read(None, None, true, 10).await, [two]);
    assert_eq!(read(None, Some(one), false, 10).await, [one]);
    assert_eq!(read(None, Some(one), true, 10).await, []);
    assert_eq!(read(Some(store.callers.main), None, false, 10).await.len(), 2);
    assert_eq!(read(Some(store.callers.other), None, false, 10).await, []);

    let old = format!("UPDATE delivery_log SET attempted_at = {}", store.place.moment(-100_000));
    store.place.execute(&format!("{old} WHERE mailbox_id = {}", one.0)).await.unwrap();
    assert_eq!(store.forget_deliveries(200, 10).await.unwrap(), 0);
    assert_eq!(store.forget_deliveries(50, 10).await.unwrap(), 1);
    assert_eq!(read(None, None, false, 10).await, [two]);
}

async fn old_secrets_are_given_out_until_their_time_is_over(store: &TestStore) {
    let (callback, first) = add(store, URL).await;
    let (second, third) = (Secret::generate(), Secret::generate());
    let secrets =
        async || store.receivers(&[callback]).await.unwrap().remove(&callback).unwrap().secrets;
    assert_eq!((secrets().await.current, secrets().await.old), (first.clone(), None));
    assert!(store.rotate_callback_secret(callback, &second, 60).await.unwrap());
    assert_eq!((secrets().await.current, secrets().await.old), (second.clone(), Some(first)));
    assert!(listed(store, callback).await.old_secret_until.is_some());
    assert!(store.rotate_callback_secret(callback, &third, 60).await.unwrap());
    assert_eq!((secrets().await.current, secrets().await.old), (third.clone(), Some(second)));
    let over = format!("UPDATE mailboxes SET old_secret_until = {}", store.place.moment(-1));
    store.place.execute(&format!("{over} WHERE old_secret IS NOT NULL")).await.unwrap();
    assert_eq!((secrets().await.current, secrets().await.old), (third, None));
    assert_eq!(listed(store, callback).await.old_secret_until, None);
    store.forget_deliveries(60, 10).await.unwrap();
    let kept = "SELECT count(*) FROM mailboxes WHERE old_secret IS NOT NULL";
    assert_eq!(store.place.number(kept).await, 0);
}
