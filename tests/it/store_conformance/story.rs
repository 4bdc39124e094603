//! What an operator is told of one task.

use wsa::domain::outbox::SubscriptionKind;
use wsa::domain::task::{Outcome, TaskGuid};
use wsa::engine::store::tasks::{TaskFilter, TaskState};

use crate::support::ask::Ask;
use crate::support::reference::{CASH, V1};
use crate::support::stores::TestStore;

on_each_store![
    a_refusal_is_told_with_its_code,
    a_task_that_is_done_says_nothing_of_its_customer,
    what_was_posted_is_told_in_its_order,
    a_task_that_is_not_there_has_no_story,
];

async fn a_refusal_is_told_with_its_code(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("11.00", CASH)])).await;
    let open = store.story(key.guid).await.unwrap().unwrap();
    assert_eq!((open.task.state, open.task.refusal), (TaskState::Open, None));
    assert_eq!((open.answered_at, open.published), (None, 1));

    store.settle(&[key]).await.unwrap();
    let answer = store.answer(key).await;
    let told = &answer["error"]["agentError"];
    let story = store.story(key.guid).await.unwrap().unwrap();
    let refusal = story.task.refusal.clone().unwrap();
    assert_eq!(story.task.state, TaskState::Answered(Outcome::Refused));
    assert_eq!(
        (&*refusal.code, &*refusal.message),
        (told["code"].as_str().unwrap(), told["desc"].as_str().unwrap())
    );
    assert!(story.answered_at.unwrap() >= story.task.registered_at);
    let waits: Vec<_> = story.waiting.iter().map(|waiting| waiting.kind).collect();
    assert_eq!(waits, [SubscriptionKind::TaskQueue]);

    let all = TaskFilter { object: Some(V1), aggregator: None, state: None, most: 10 };
    let listed = store.tasks(all).await.unwrap();
    assert_eq!(listed, [story.task]);
}

async fn a_task_that_is_done_says_nothing_of_its_customer(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("1.00", CASH)])).await;
    store.settle(&[key]).await.unwrap();
    let story = store.story(key.guid).await.unwrap().unwrap();
    assert_eq!(
        (story.task.state, &story.task.refusal),
        (TaskState::Answered(Outcome::Done), &None)
    );
    assert!(!format!("{story:?}").contains(&order.to_string()), "{story:?}");
}

async fn what_was_posted_is_told_in_its_order(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("1.00", CASH)])).await;
    store.settle(&[key]).await.unwrap();
    let other = store.registered(&Ask::pay(V1, order, &[("2.00", CASH)])).await;
    let (guid, moment) = (store.place.guid(key.guid.0), |ms| store.place.moment(ms));
    for (delivery, attempt, subject, at, status) in [
        (1, 2, &guid, moment(-1000), "204"),
        (1, 1, &guid, moment(-5000), "500"),
        (2, 1, &store.place.guid(other.guid.0), moment(-3000), "204"),
    ] {
        store
            .place
            .force(&format!(
                "INSERT INTO delivery_log (mailbox_id, delivery_id, attempt, object_id, subject, is_event,
                                           attempted_at, took_ms, status)
                 SELECT min(mailbox_id), {delivery}, {attempt}, {V1}, {subject}, false, {at}, 7, {status}
                 FROM mailboxes"
            ))
            .await;
    }
    let url = "UPDATE mailboxes SET kind = 'callback', url = 'https://till.example/', secret = answers.bytes
               FROM (SELECT token_hash AS bytes FROM aggregators LIMIT 1) AS answers
               WHERE mailbox_id = (SELECT min(mailbox_id) FROM mailboxes)";
    store.place.force(url).await;
    let story = store.story(key.guid).await.unwrap().unwrap();
    let told: Vec<_> = story.attempts.iter().map(|a| (a.attempt, a.status, &*a.url)).collect();
    let url = "https://till.example/";
    assert_eq!(told, [(1, Some(500), url), (2, Some(204), url)]);
}

async fn a_task_that_is_not_there_has_no_story(store: &TestStore) {
    assert_eq!(store.story(TaskGuid::new()).await.unwrap(), None);
}
