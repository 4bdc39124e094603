//! Callbacks of a test: added, given something to post, looked at.

use uuid::Uuid;
use wsa::callback::signature::{Secret, SignatureForm};
use wsa::domain::outbox::{EventTypes, SubscriptionId};
use wsa::engine::store::Store;
use wsa::engine::store::callbacks::log::{Attempt, LogFilter};
use wsa::engine::store::callbacks::{ListedCallback, NewCallback};

use super::app::{Builder, TestApp};
use super::place::{Place, Stores};
use super::queues::Queues;
use super::reference::{AGENT, V2};

/// The order in every event; a float would spoil its amount.
pub const ORDER: &str =
    r#"{"orderGuid":"00000000-0000-4000-8000-000000000001","price":{"total":9007199254740993.10}}"#;

/// An application that may call receivers of the test, and tries again at once.
pub async fn app() -> Builder {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    app.set("callbacks.allow_private_addresses", true).set("callbacks.retry_after_s", "0,0,0")
}

/// Adds a callback for answers and events.
pub async fn add(store: &Store, url: &str) -> (SubscriptionId, Secret) {
    add_only(store, url, true, true).await
}

pub async fn add_only(
    store: &Store,
    url: &str,
    answers: bool,
    events: bool,
) -> (SubscriptionId, Secret) {
    let main = store.aggregators().await.unwrap().into_iter().find(|a| a.name == "main").unwrap();
    let secret = Secret::generate();
    let signature = SignatureForm::Base64;
    let events = if events { EventTypes::USUAL } else { EventTypes::NONE };
    let new = NewCallback { aggregator: main.id, url, answers, events, secret: &secret, signature };
    (store.add_callback(&new).await.unwrap().unwrap(), secret)
}

/// Puts an event into a callback, past the program, and gives its guid.
pub async fn put_event(place: &Place, callback: SubscriptionId) -> Uuid {
    let guid = Uuid::new_v4();
    let (event, now, object) = (place.guid(guid), place.moment(0), V2.0);
    place
        .execute(&format!(
            "INSERT INTO events (object_id, event_guid, order_guid, occurred_at, body)
             VALUES ({object}, {event}, {event}, {now}, '{ORDER}')"
        ))
        .await
        .unwrap();
    put_notification(place, callback, guid).await;
    guid
}

/// Puts one more notification about an event into a callback.
pub async fn put_notification(place: &Place, callback: SubscriptionId, event: Uuid) {
    let (event, now, object, callback) = (place.guid(event), place.moment(0), V2.0, callback.0);
    let put = format!(
        "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, added_at, due_at)
         VALUES ({callback}, {object}, {event}, true, {now}, {now})"
    );
    place.execute(&put).await.unwrap();
}

/// What a callback is now.
pub async fn listed(store: &Store, callback: SubscriptionId) -> ListedCallback {
    let all = store.callbacks().await.unwrap();
    all.into_iter().find(|listed| listed.id == callback).expect("it is there")
}

/// The log of a callback, the newest first.
pub async fn log(store: &Store, callback: SubscriptionId) -> Vec<Attempt> {
    let filter =
        LogFilter { aggregator: None, callback: Some(callback), failed: false, most: 1000 };
    store.delivery_log(filter).await.unwrap()
}

/// How the attempts ended, the first first: a status or an error.
pub async fn results(store: &Store, callback: SubscriptionId) -> Vec<String> {
    let mut attempts = log(store, callback).await;
    attempts.reverse();
    let result = |attempt: Attempt| match attempt.status {
        Some(status) => status.to_string(),
        None => attempt.error.expect("a status or an error"),
    };
    attempts.into_iter().map(result).collect()
}

/// The body of an event's callback, with its time as it is.
pub fn body(event: Uuid, at: &str) -> String {
    format!(
        r#"{{"responseEventCommon":{{"objectId":{},"agentGuid":"{AGENT}","eventGuid":"{event}","dateTimeServerReceiveEventFromAgent":"{at}","eventType":"OrderChanged"}},"response":{ORDER}}}"#,
        V2.0
    )
}
