//! Replaying dead letters. Operators do it. A task that has its answer keeps it, and what a publisher was denied stays
//! so.

use serde::Serialize;
use serde_json::json;

use super::{Acting, changing};
use crate::database::StoreError;
use crate::engine::replay::{Replayed, replay};
use crate::engine::store::dead_letters::{LetterFilter, StoredLetter};
use crate::ops::access::Role;
use crate::ops::problem::{Problem, conflict};
use crate::ops::queries::letters;
use crate::queue::amqp::Replay as Message;

/// The role that this needs.
pub const ROLE: Role = Role::Operator;

/// What became of a letter.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedLetter {
    /// Which.
    pub id: i64,
    /// A word for it: `published`, `sent`, `answered` or `impossible`.
    pub outcome: &'static str,
    /// The same for people.
    pub sentence: String,
}

/// A replay that the store or the broker did not take.
enum Lost {
    Store(StoreError),
    Queue(String),
}

impl From<StoreError> for Lost {
    fn from(error: StoreError) -> Lost {
        Lost::Store(error)
    }
}

/// Replays one letter.
pub async fn one(acting: &Acting<'_>, id: i64) -> Result<ReplayedLetter, Problem> {
    let letter = letters::letter(acting.state.store(), id).await?;
    again(acting, &letter).await
}

/// Replays all that pass the filter. 409 when not so many match as whoever asks has counted.
pub async fn matching(
    acting: &Acting<'_>,
    filter: &LetterFilter,
    expected: u64,
) -> Result<Vec<ReplayedLetter>, Problem> {
    let found = letters::matching(acting.state.store(), filter).await?;
    let count = found.len() as u64;
    if count != expected {
        return Err(conflict(format!("{count} letters match now, not {expected}: count again")));
    }
    let mut told = Vec::with_capacity(found.len());
    for letter in &found {
        told.push(again(acting, letter).await?);
    }
    Ok(told)
}

async fn again(acting: &Acting<'_>, letter: &StoredLetter) -> Result<ReplayedLetter, Problem> {
    let amqp = acting.state.app.settings.amqp();
    let user = amqp.as_ref().map(|amqp| amqp.user());
    let act = acting.act("letter.replay", "letter", letter.id);
    let store = acting.store(changing(act, None, Some(json!({"taskGuid": letter.letter.guid}))));
    let queue = &acting.state.app.queue;
    let send = async |message: Message| {
        let Some(door) = queue.dead_letters() else {
            return Err(Lost::Queue("there is none".to_owned()));
        };
        door.hand_in(&[message]).await.map_err(|error| Lost::Queue(error.to_string()))
    };
    let replayed = match replay(&store, letter, user.as_deref(), send).await {
        Ok(replayed) => replayed,
        Err(Lost::Store(error)) => return Err(error.into()),
        Err(Lost::Queue(error)) => {
            return Err(Problem::unavailable(&format!(
                "RabbitMQ did not take the message: {error}"
            )));
        }
    };
    let (outcome, sentence) = describe(&replayed);
    Ok(ReplayedLetter { id: letter.id, outcome, sentence })
}

/// A word for what became of a letter, and a sentence.
pub fn describe(replayed: &Replayed) -> (&'static str, String) {
    match replayed {
        Replayed::Published => {
            ("published", "its task is open and goes to the workers again".to_owned())
        }
        Replayed::Sent => ("sent", "its message is handed in again".to_owned()),
        Replayed::Answered(outcome) => (
            "answered",
            format!(
                "its task is already answered ({outcome}): nothing is changed; whoever wants it done asks \
                 with a new task"
            ),
        ),
        Replayed::Impossible(why) => ("impossible", why.clone()),
    }
}
