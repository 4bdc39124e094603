//! What no worker could settle, and what is no task: kept in the store for people, whichever queue it came by.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::domain::string_enum::string_enum;
use crate::domain::task::{ObjectId, TaskGuid, TaskKey};

/// The largest body that is kept, in bytes: more than any request may have.
pub const LARGEST_BODY: usize = 1 << 20;
/// The longest of the other texts, in characters.
const LONGEST_TEXT: usize = 1000;

/// Through which door a dead letter came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// On its way to a worker.
    Work,
    /// Published by an upstream service.
    Upstream,
}

string_enum!(Door { Work = "work", Upstream = "upstream" });

/// A delivery or message that nothing could be made of.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Through which door it came.
    pub door: Door,
    /// Why, a sentence.
    pub reason: String,
    /// Its object, as far as it is known.
    pub object: Option<ObjectId>,
    /// Its task, as far as it is known.
    pub guid: Option<TaskGuid>,
    /// The kind of task, as far as it is known.
    pub task_type: Option<String>,
    /// The message's `message_id`.
    pub message_id: Option<String>,
    /// The RabbitMQ user that published it.
    pub publisher: Option<String>,
    /// Whom the service's own user acted for: the header `x-wsa-aggregator`.
    pub aggregator: Option<String>,
    /// What made its publisher take it for not done: it is never replayed. `None` when nobody was told anything.
    pub denied: Option<String>,
    /// The message as it came; a customer's data may be in it. `None` where the store has the task, and for what is
    /// larger than [`LARGEST_BODY`].
    pub body: Option<Vec<u8>>,
}

impl DeadLetter {
    /// A letter about which nothing is known but the reason.
    pub fn new(door: Door, reason: impl Into<String>) -> DeadLetter {
        DeadLetter {
            door,
            reason: reason.into(),
            object: None,
            guid: None,
            task_type: None,
            message_id: None,
            publisher: None,
            aggregator: None,
            denied: None,
            body: None,
        }
    }

    /// A task in the hands of a worker that cannot settle it.
    pub fn of_task(key: TaskKey, reason: impl Into<String>) -> DeadLetter {
        let letter = DeadLetter::new(Door::Work, reason);
        DeadLetter { object: Some(key.object), guid: Some(key.guid), ..letter }
    }

    /// In a form that every store keeps: of bounded length and without NUL, which PostgreSQL has in no text.
    pub fn bounded(mut self) -> DeadLetter {
        let texts =
            [&mut self.task_type, &mut self.message_id, &mut self.publisher, &mut self.aggregator];
        texts.into_iter().chain([&mut self.denied]).flatten().for_each(bound);
        bound(&mut self.reason);
        self.body = self.body.filter(|body| body.len() <= LARGEST_BODY);
        self
    }

    /// Equal for what came twice, whenever that was.
    pub fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        let object = self.object.map(|object| object.to_string());
        let guid = self.guid.map(|guid| guid.to_string());
        let texts =
            [Some(self.door.as_str()), Some(&self.reason), object.as_deref(), guid.as_deref()];
        let of_message = [&self.task_type, &self.message_id, &self.publisher, &self.aggregator];
        let texts = texts.into_iter().chain(of_message.map(Option::as_deref));
        for part in texts.map(|text| text.map(str::as_bytes)).chain([self.body.as_deref()]) {
            // With its length: no two letters read alike.
            digest.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
            digest.update(part.unwrap_or_default());
        }
        digest.finalize().to_vec()
    }
}

fn bound(text: &mut String) {
    if text.contains('\0') || text.chars().count() > LONGEST_TEXT {
        *text = text.chars().take(LONGEST_TEXT).collect::<String>().replace('\0', "\u{fffd}");
    }
}

impl fmt::Debug for DeadLetter {
    /// Without the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("door", &self.door)
            .field("reason", &self.reason)
            .field("object", &self.object)
            .field("guid", &self.guid)
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_the_same_and_nothing_else_is() {
        let letter = DeadLetter::new(Door::Upstream, "it is no task");
        let with = |change: fn(&mut DeadLetter)| {
            let mut letter = letter.clone();
            change(&mut letter);
            letter.digest()
        };
        assert_eq!(with(|_| ()), letter.digest());
        let digests = [
            with(|_| ()),
            with(|l| l.door = Door::Work),
            with(|l| l.reason = "it is none".into()),
            with(|l| l.message_id = Some("a".into())),
            with(|l| l.publisher = Some("a".into())),
            with(|l| l.aggregator = Some("a".into())),
            with(|l| l.body = Some(b"a".to_vec())),
            with(|l| l.body = Some(Vec::new())),
        ];
        let distinct: std::collections::HashSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }

    #[test]
    fn a_letter_fits_into_every_store() {
        let mut letter = DeadLetter::new(Door::Upstream, "я".repeat(5000));
        letter.message_id = Some("nul \0".into());
        letter.body = Some(vec![0; LARGEST_BODY + 1]);
        let letter = letter.bounded();
        assert_eq!(letter.reason.chars().count(), LONGEST_TEXT);
        assert_eq!((letter.message_id.as_deref(), letter.body), (Some("nul \u{fffd}"), None));
    }
}
