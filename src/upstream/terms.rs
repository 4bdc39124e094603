//! What a message's properties say about its task: which one it is, and for how long it may take.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::money::shown;
use crate::queue::echo;
use crate::task::guid::whole;
use crate::task::{Code, LONGEST_TIMEOUT_S, Refusal, TaskGuid};

/// What of a message tells it from another that asks for the same.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'a> {
    /// `message_id`.
    pub message_id: Option<&'a str>,
    /// `correlation_id`.
    pub correlation_id: Option<&'a str>,
    /// `timestamp`.
    pub timestamp: Option<u64>,
    /// The RabbitMQ user.
    pub user: &'a str,
    /// The content.
    pub body: &'a str,
}

/// The task of a message: the one that `message_id` names, which may be any name of the caller's own. Without
/// one it is made of everything that is known, so that a message which is delivered twice is one task.
pub fn guid(marks: &Marks<'_>, salt: Uuid) -> TaskGuid {
    let key = match marks.message_id {
        Some(id) if !id.is_empty() => {
            if let Ok(guid) = id.parse() {
                return guid;
            }
            id.to_owned()
        }
        _ => {
            let mut digest = Sha256::new();
            let timestamp = marks.timestamp.map_or_else(String::new, |t| t.to_string());
            for part in
                [marks.user, marks.correlation_id.unwrap_or_default(), &timestamp, marks.body]
            {
                digest.update(part.len().to_le_bytes());
                digest.update(part);
            }
            format!("amqp:{}", hex::encode(digest.finalize()))
        }
    };
    TaskGuid::derived(salt, &key)
}

/// The timeout of a task: what its `params` say, but no more than `expiration` (milliseconds), rounded up to
/// whole seconds.
pub fn timeout_s(expiration: Option<&str>, timeout_s: Option<i64>) -> Result<Option<i64>, Refusal> {
    let Some(ms) = expiration_ms(expiration)? else { return Ok(timeout_s) };
    let seconds = (ms / 1000 + i64::from(ms % 1000 > 0)).clamp(1, LONGEST_TIMEOUT_S);
    Ok(Some(timeout_s.map_or(seconds, |timeout_s| timeout_s.min(seconds))))
}

/// When the task of a message with this `expiration` must not be executed any more, by the database's clock; the
/// broker did not hand the message out before `not_before`.
pub fn expires_at(
    expiration: Option<&str>,
    not_before: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    Ok(expiration_ms(expiration)?.map(|ms| echo::expires_at(not_before, ms)))
}

fn expiration_ms(expiration: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(text) = expiration else { return Ok(None) };
    match whole(text) {
        Some(ms) => Ok(Some(ms)),
        None => {
            let desc = format!(
                "expiration is {:?}: it must be milliseconds, digits only, like \"30000\"",
                shown(text)
            );
            Err(Refusal::new(Code::BadRequest, desc))
        }
    }
}

/// A text that the store can keep and a log can show.
pub fn check_text(name: &str, text: Option<&str>) -> Result<(), Refusal> {
    match text {
        Some(text) if text.contains(char::is_control) => {
            let desc =
                format!("{name} is {:?}: it must not contain control characters", shown(text));
            Err(Refusal::new(Code::BadRequest, desc))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47";
    const SALT: Uuid = Uuid::from_u128(1);

    fn marks(message_id: Option<&'static str>) -> Marks<'static> {
        Marks { message_id, correlation_id: None, timestamp: None, user: "kiosk", body: "{}" }
    }

    #[test]
    fn a_message_id_is_the_task_or_names_it() {
        assert_eq!(guid(&marks(Some(GUID)), SALT).to_string(), GUID);
        let named = guid(&marks(Some("order 7")), SALT);
        assert_eq!(named, TaskGuid::derived(SALT, "order 7"), "as an Idempotency-Key does");
        let other_body = Marks { body: "[]", ..marks(Some("order 7")) };
        assert_eq!(named, guid(&other_body, SALT), "so that another body is noticed");
        assert_ne!(named, guid(&marks(Some("order 7")), Uuid::from_u128(2)));
    }

    #[test]
    fn without_a_message_id_the_same_message_is_the_same_task() {
        let plain = marks(None);
        let first = guid(&plain, SALT);
        assert_eq!(first, guid(&plain, SALT));
        assert_eq!(first, guid(&marks(Some("")), SALT));
        for other in [
            Marks { correlation_id: Some("c"), ..plain },
            Marks { timestamp: Some(1), ..plain },
            Marks { user: "till", ..plain },
            Marks { body: "{ }", ..plain },
            Marks { user: "kios", correlation_id: Some("k"), ..plain },
        ] {
            assert_ne!(first, guid(&other, SALT), "{other:?}");
        }
    }

    #[test]
    fn an_expiration_is_rounded_up_and_never_lengthens() {
        let of = |expiration, params| timeout_s(expiration, params).unwrap();
        assert_eq!(of(None, None), None);
        assert_eq!(of(None, Some(60)), Some(60));
        assert_eq!(of(Some("1"), None), Some(1));
        assert_eq!(of(Some("0"), None), Some(1));
        assert_eq!(of(Some("30000"), None), Some(30));
        assert_eq!(of(Some("30001"), None), Some(31));
        assert_eq!(of(Some("30001"), Some(60)), Some(31));
        assert_eq!(of(Some("90000"), Some(60)), Some(60));
        assert_eq!(of(Some("999999999999"), None), Some(3600));
        assert_eq!(of(Some("9223372036854775807"), None), Some(3600));
        for bad in ["", "-1", "1.5", "1s", "99999999999999999999"] {
            let told = timeout_s(Some(bad), None).unwrap_err().desc;
            assert!(told.starts_with("expiration is ") && told.contains("milliseconds"), "{told}");
        }
    }

    #[test]
    fn an_expiration_is_counted_from_the_moment_before_the_broker_handed_it_out() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(expires_at(None, at(1000)), Ok(None));
        assert_eq!(expires_at(Some("1500"), at(1000)), Ok(Some(at(2500))), "not rounded");
        assert_eq!(expires_at(Some("0"), at(1000)), Ok(Some(at(1000))));
        assert!(expires_at(Some("1s"), at(1000)).is_err());
    }

    #[test]
    fn texts_that_no_store_keeps_are_refused() {
        assert!(check_text("correlation_id", Some("заказ 7")).is_ok());
        assert!(check_text("correlation_id", None).is_ok());
        let told = check_text("correlation_id", Some("a\0b")).unwrap_err().desc;
        assert!(told.starts_with("correlation_id is "), "{told}");
    }
}
