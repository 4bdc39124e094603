//! What a message's properties say about its task: which one it is, and for how long it may take.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::money::shown;
use crate::domain::task::guid::whole;
use crate::domain::task::{LONGEST_TIMEOUT_S, TaskGuid};
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::queue::echo;

/// Which task a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// Its guid.
    pub guid: TaskGuid,
    /// Whether the message named it; otherwise the guid is drawn anew each time.
    pub named: bool,
}

/// The task of a message: the one that `message_id` names, which may be any name of the caller's own.
///
/// A message without one cannot be told from its own repetition: a broker delivers again what was not
/// acknowledged, and nothing else in a message is different in two orders for the same dish. So only what
/// `only_reads` may come without; it is done as often as it is delivered.
pub fn name(message_id: Option<&str>, salt: Uuid, only_reads: bool) -> Result<Name, Refusal> {
    match message_id {
        Some(id) if !id.is_empty() => {
            let guid = TaskGuid::named(salt, id);
            Ok(Name { guid, named: true })
        }
        _ if only_reads => Ok(Name { guid: TaskGuid::new(), named: false }),
        _ => {
            let desc = "message_id is missing: a task that changes something must have one, a new one for \
                        each task and the same when it is published again; this message was not accepted";
            Err(Refusal::new(Code::BadRequest, desc))
        }
    }
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

    #[test]
    fn a_message_id_is_the_task_or_names_it() {
        let named = |id| name(Some(id), SALT, false).unwrap();
        assert_eq!(named(GUID).guid.to_string(), GUID);
        let guid = TaskGuid::derived(SALT, "order 7");
        assert_eq!(named("order 7"), Name { guid, named: true }, "as an Idempotency-Key does");
        assert_ne!(named("order 7"), name(Some("order 7"), Uuid::from_u128(2), false).unwrap());
    }

    #[test]
    fn without_a_message_id_only_what_reads_is_a_task_and_each_time_another() {
        for id in [None, Some("")] {
            let told = name(id, SALT, false).unwrap_err();
            assert_eq!(told.code, Code::BadRequest);
            assert!(told.desc.starts_with("message_id is missing"), "{}", told.desc);
            let (first, second) = (name(id, SALT, true).unwrap(), name(id, SALT, true).unwrap());
            assert!(!first.named && first.guid != second.guid);
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
