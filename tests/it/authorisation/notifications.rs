//! Who is told of what without asking: the same rule, for answers and events.

use uuid::Uuid;
use wsa::callback::signature::{Secret, SignatureForm};
use wsa::domain::outbox::{EventTypes, SubscriptionId};
use wsa::domain::task::AggregatorId;
use wsa::engine::store::callbacks::NewCallback;

use super::callers::{Kind, seed};
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CASH, HASTY, V1, V2};
use crate::support::stores::{DEFAULTS, TestStore};

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_to_who_asked_and_to_who_has_a_licence_on_sqlite() {
    letters_go_to_who_asked_and_to_who_has_a_licence(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_to_who_asked_and_to_who_has_a_licence_on_postgres() {
    letters_go_to_who_asked_and_to_who_has_a_licence(Stores::Postgres).await;
}

async fn letters_go_to_who_asked_and_to_who_has_a_licence(kind: Stores) {
    let store = TestStore::fresh(kind).await;
    let callers = seed(&store).await;
    let everybody = store.aggregators().await.unwrap();
    let id = |name: &str| everybody.iter().find(|a| a.name == name).map(|a| a.id).unwrap();
    let known: Vec<_> = callers
        .iter()
        .filter(|caller| matches!(caller.kind, Kind::Aggregator | Kind::Manager))
        .map(|caller| (caller, id(&caller.name)))
        .collect();
    let ids: Vec<AggregatorId> = known.iter().map(|(_, id)| *id).collect();
    let queues = store.find_queues(&ids).await.unwrap();
    let all = queues.values().flat_map(|queues| [queues.tasks, queues.events]).flatten();
    let all: Vec<SubscriptionId> = all.map(|queue| queue.subscription).collect();
    store.begin_queues(&all).await.unwrap();
    let mut callbacks = Vec::new();
    for id in &ids {
        let secret = Secret::generate();
        let url = format!("https://example.com/{}", id.0);
        let new = NewCallback {
            aggregator: *id,
            url: &url,
            answers: true,
            events: EventTypes::USUAL,
            secret: &secret,
            signature: SignatureForm::Base64,
        };
        callbacks.push(store.add_callback(&new).await.unwrap().unwrap());
    }
    let mut told = 0;
    for object in [V1, V2, HASTY] {
        for (owner, owner_id) in known.iter().filter(|(caller, _)| caller.reaches.contains(&object))
        {
            let order = store.order(object, "10.00").await;
            let task = Ask::pay(object, order, &[("10.00", CASH)]).task(*owner_id);
            store.register(std::slice::from_ref(&task), DEFAULTS).await.unwrap();
            store.settle(&[task.key]).await.unwrap();
            for ((caller, id), callback) in known.iter().zip(&callbacks) {
                let queues = queues.get(id).copied().unwrap_or_default();
                let answers = subjects(&store, queues.tasks.map(|queue| queue.subscription)).await;
                let own = if caller.name == owner.name { vec![task.key.guid.0] } else { vec![] };
                assert_eq!(answers, own, "{}'s answers of {}", caller.name, owner.name);
                let events = subjects(&store, queues.events.map(|queue| queue.subscription)).await;
                let due = usize::from(caller.reaches.contains(&object));
                assert_eq!(events.len(), due, "{}'s events of {object}", caller.name);
                let mut posted = subjects(&store, Some(*callback)).await;
                let mut both = [answers, events].concat();
                posted.sort();
                both.sort();
                assert_eq!(posted, both, "{}'s callback gets what its queues get", caller.name);
                told += posted.len();
            }
        }
    }
    assert!(told > 0, "nobody was told anything");
}

/// What the notifications in a subscription are about; they are nobody else's for the rest of the test.
async fn subjects(store: &TestStore, subscription: Option<SubscriptionId>) -> Vec<Uuid> {
    let Some(subscription) = subscription else { return Vec::new() };
    let notifications = store.take_notifications(&[(subscription, 100)], 3600).await.unwrap();
    notifications.iter().map(|notification| notification.subject).collect()
}
