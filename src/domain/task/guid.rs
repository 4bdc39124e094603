//! Identifiers. Each is a type of its own, so that a task cannot be passed where an order is meant.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::money::{number_text, shown};

macro_rules! guid {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<$name, String> {
                Uuid::try_parse(text).map($name).map_err(|_| {
                    format!(
                        "{:?} is not {}: it must be 32 hex digits like \
                         7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47",
                        shown(text), $what
                    )
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

guid!(
    /// What a caller is given for an accepted task, and polls with (`taskGuid`).
    TaskGuid,
    "a task guid"
);
guid!(
    /// One order of one object (`orderGuid`).
    OrderGuid,
    "an order guid"
);
guid!(
    /// A kind of payment that an object accepts (`currency`).
    CurrencyGuid,
    "a currency guid"
);

impl TaskGuid {
    /// A new guid (UUID version 7): unguessable, and in order of time, which keeps indexes compact.
    pub fn new() -> TaskGuid {
        TaskGuid(Uuid::now_v7())
    }

    /// The guid of the task that a caller names by a key of its own (`Idempotency-Key`): the same key is
    /// the same guid, so that the same task is registered once. `salt` is the caller's, and secret:
    /// nobody else can tell, or take, the guid of a key.
    pub fn derived(salt: Uuid, key: &str) -> TaskGuid {
        let mut digest = Sha256::new();
        digest.update(salt.as_bytes());
        digest.update(key.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finalize()[..16]);
        TaskGuid(Uuid::new_v8(bytes))
    }

    /// The guid of the task that a caller names by a text of its own: the guid that it is, or the one
    /// [derived](TaskGuid::derived) from it.
    pub fn named(salt: Uuid, name: &str) -> TaskGuid {
        name.parse().unwrap_or_else(|_| TaskGuid::derived(salt, name))
    }

    /// Whether this program may have drawn it ([`TaskGuid::new`]); a caller's own may look so as well.
    pub fn looks_drawn(self) -> bool {
        self.0.get_version_num() == 7
    }

    /// When the guid was made, in seconds since 1970; `None` for a guid that another service made.
    pub fn created_at(self) -> Option<jiff::Timestamp> {
        let (seconds, _) = self.0.get_timestamp()?.to_unix();
        jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
    }
}

impl Default for TaskGuid {
    fn default() -> Self {
        TaskGuid::new()
    }
}

impl OrderGuid {
    /// A new guid (UUID version 7).
    pub fn new() -> OrderGuid {
        OrderGuid(Uuid::now_v7())
    }
}

impl Default for OrderGuid {
    fn default() -> Self {
        OrderGuid::new()
    }
}

/// A restaurant, as the licensing system numbers it (`objectId`); positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectId(pub i64);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ObjectId {
    type Err = String;

    fn from_str(text: &str) -> Result<ObjectId, String> {
        match whole(text) {
            Some(id) if id > 0 => Ok(ObjectId(id)),
            _ => Err(format!(
                "{:?} is not an objectId: it must be a positive whole number",
                shown(text)
            )),
        }
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ObjectId, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        number_text(raw).unwrap_or(raw.get()).parse().map_err(D::Error::custom)
    }
}

/// Digits only, and within `i64`.
pub(crate) fn whole(text: &str) -> Option<i64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A caller of this service, by its row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AggregatorId(pub i64);

/// Where a task lives: its object, then its guid. The order of keys is the order of locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// The restaurant the task is for.
    pub object: ObjectId,
    /// The task itself.
    pub guid: TaskGuid,
}

/// Where an order lives: an order guid means nothing without its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey {
    /// The restaurant.
    pub object: ObjectId,
    /// The order.
    pub guid: OrderGuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_ids_arrive_as_numbers_or_strings_of_digits() {
        for json in ["199990246", "\"199990246\""] {
            assert_eq!(serde_json::from_str::<ObjectId>(json).unwrap(), ObjectId(199_990_246));
        }
        for json in
            ["0", "-5", "1.0", "1e3", "\"\"", "\" 1\"", "null", "[]", "99999999999999999999"]
        {
            let error = serde_json::from_str::<ObjectId>(json).unwrap_err().to_string();
            assert!(error.contains("positive whole number"), "{json}: {error}");
        }
    }

    #[test]
    fn a_key_is_the_same_guid_for_its_caller_and_another_for_anybody_else() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(TaskGuid::derived(mine, "a"), TaskGuid::derived(mine, "a"));
        assert_ne!(TaskGuid::derived(mine, "a"), TaskGuid::derived(mine, "b"));
        assert_ne!(TaskGuid::derived(mine, "a"), TaskGuid::derived(other, "a"));
        assert_eq!(TaskGuid::derived(mine, "a").created_at(), None);
    }

    #[test]
    fn a_guid_tells_when_it_was_made() {
        let made = TaskGuid::new().created_at().unwrap();
        assert!((jiff::Timestamp::now().as_second() - made.as_second()).abs() < 5);
        assert_eq!(TaskGuid(Uuid::new_v4()).created_at(), None);
    }
}
