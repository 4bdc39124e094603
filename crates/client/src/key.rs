//! Keys that make a submission repeatable.

use std::fmt;

use uuid::Uuid;

/// The most characters that a key may have.
const LONGEST: usize = 255;

/// An `Idempotency-Key`: the same key with the same task is one task, however often it is sent.
///
/// Keep it with the payment before you send it. A program that crashed sends the same task with the same key, and hears
/// what became of it. A new payment has a new key. Server: `wsa`; other White Servers may not know the header
/// (see [`Task::unkeyed`](crate::Task::unkeyed)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

/// Why a text cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is no idempotency key: it must be 1 to 255 visible ASCII characters")]
pub struct InvalidKey {
    value: String,
}

impl Key {
    /// A key of your choice, such as the number of your payment.
    ///
    /// # Errors
    ///
    /// When it is not 1 to 255 visible ASCII characters.
    pub fn new(text: impl Into<String>) -> Result<Key, InvalidKey> {
        let text = text.into();
        let fits =
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Key(text))
        } else {
            Err(InvalidKey { value: text.chars().take(40).collect() })
        }
    }

    /// A key that nobody has used.
    pub fn random() -> Key {
        Key(Uuid::new_v4().to_string())
    }

    /// The key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_the_service_takes() {
        assert_eq!(Key::new("order-17/2").unwrap().as_str(), "order-17/2");
        for wrong in ["", "a b", "ключ", "a\n", &"x".repeat(256)] {
            assert!(Key::new(wrong).is_err(), "{wrong}");
        }
        assert_ne!(Key::random(), Key::random());
        assert!(Key::new(Key::random().as_str()).is_ok());
    }
}
