//! Trying a dead letter once more: what `wsa dead replay` does. A task that has its answer keeps it, and what its
//! publisher was denied stays so.

use crate::database::StoreError;
use crate::domain::dead_letter::Door;
use crate::domain::task::TaskGuid;
use crate::engine::claim::{Claim, claim};
use crate::engine::store::Store;
use crate::engine::store::dead_letters::StoredLetter;
use crate::engine::store::reference::Aggregator;
use crate::engine::store::upstream::Publisher;
use crate::queue::amqp::Replay as Message;

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// Its open task goes to the workers again.
    Published,
    /// Its message went to the door of upstream services again.
    Sent,
    /// Its task is answered, with this outcome; nothing was done.
    Answered(String),
    /// It cannot be replayed, for this reason.
    Impossible(String),
}

/// Replays one letter. Each leaves an entry in the journal where the store's changes are entered, with what it came to, also
/// when nothing had to be done; of a message that is sent before it is. `service_user` is the service's own user at the broker, if there is one; `send` publishes
/// a message to the door of upstream services in its name.
pub async fn replay<E: From<StoreError>>(
    store: &Store,
    stored: &StoredLetter,
    service_user: Option<&str>,
    send: impl AsyncFnOnce(Message) -> Result<(), E>,
) -> Result<Replayed, E> {
    let replayed = match (&stored.task, stored.letter.door) {
        (Some(stands), _) => publish(store, stored, stands).await?,
        (None, Door::Upstream) => match message(store, stored, service_user).await? {
            Ok(message) => {
                store.coming_to("sent").enter_recorded().await?;
                if let Err(error) = send(message).await {
                    store.coming_to("not sent").enter_recorded().await?;
                    return Err(error);
                }
                Replayed::Sent
            }
            Err(why) => Replayed::Impossible(why),
        },
        (None, Door::Work) => Replayed::Impossible(
            "the store has no such task: nobody was told that it is accepted, so its sender has to send it \
             again"
                .into(),
        ),
    };
    match &replayed {
        Replayed::Published | Replayed::Sent => {
            store.unrecorded().record_replayed(&[stored.id]).await?;
        }
        Replayed::Answered(_) => {
            store.coming_to("nothing: it is answered").enter_recorded().await?
        }
        Replayed::Impossible(_) => {
            store.coming_to("nothing: it cannot be replayed").enter_recorded().await?;
        }
    }
    Ok(replayed)
}

/// Of a task that the store has.
async fn publish(
    store: &Store,
    stored: &StoredLetter,
    stands: &str,
) -> Result<Replayed, StoreError> {
    let Some(guid) = stored.letter.guid else {
        return Ok(Replayed::Impossible("it names no task".into()));
    };
    if store.coming_to("published").publish_again(guid).await? {
        return Ok(Replayed::Published);
    }
    Ok(match stands {
        "open" => {
            Replayed::Impossible("its task is past its deadline: it is answered Timeout".into())
        }
        outcome => Replayed::Answered(outcome.to_owned()),
    })
}

/// What is sent again of a message that never became a task; or why nothing is.
async fn message(
    store: &Store,
    stored: &StoredLetter,
    service_user: Option<&str>,
) -> Result<Result<Message, String>, StoreError> {
    let impossible = |why: &str| Ok(Err(why.to_owned()));
    let letter = &stored.letter;
    let denied = |denied: &str| {
        Ok(Err(format!("{denied}: that stays true, so its publisher has to send it again")))
    };
    if let Some(why) = &letter.denied {
        return denied(why);
    }
    let Some(body) = store.dead_body(stored.id).await? else {
        return impossible("its message is not kept");
    };
    let Some(service_user) = service_user else {
        return impossible("it came over RabbitMQ, and the setting amqp.url is empty");
    };
    let (user, named) = (letter.publisher.as_deref(), letter.aggregator.as_deref());
    let claim = match claim(user, named, service_user) {
        Ok(claim) => claim,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let Some(publisher) = publisher(store, &claim).await? else {
        return Ok(Err(match claim {
            Claim::User(user) => format!(
                "user {user:?} publishes for no aggregator: `wsa admin aggregator amqp enable` lets it"
            ),
            Claim::Name(name) => format!("there is no aggregator {name:?}"),
        }));
    };
    let aggregator = publisher.aggregator.name.clone();
    if let Some(why) = store.denied_by_name(letter, &aggregator).await? {
        return denied(&why);
    }
    if let Some(name) = letter.message_id.as_deref().filter(|name| !name.is_empty()) {
        let Aggregator { id, salt, .. } = publisher.aggregator;
        let key = (id, TaskGuid::named(salt, name));
        if let Some(kept) = store.denied(&[key]).await?.remove(&key) {
            return denied(&format!("its publisher was told {}", kept.code));
        }
    }
    Ok(Ok(Message { body, aggregator, message_id: letter.message_id.clone() }))
}

async fn publisher(store: &Store, claim: &Claim) -> Result<Option<Publisher>, StoreError> {
    let mut found = store.find_publishers(std::slice::from_ref(claim)).await?;
    Ok(found.remove(claim))
}
