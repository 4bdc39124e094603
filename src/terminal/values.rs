//! Values of flags that have a rule of their own.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::money::{Money, MoneyError};
use crate::domain::task::LONGEST_TIMEOUT_S;

const LONGEST_NAME: usize = 100;

/// A name for people.
pub fn name(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) {
        return Err(format!("it has {length} characters: it must have 1 to {LONGEST_NAME}"));
    }
    if text.chars().any(char::is_control) {
        return Err("it must not contain control characters".into());
    }
    if text.trim() != text {
        return Err("it must not begin or end with a space".into());
    }
    Ok(text.to_owned())
}

/// A name that stands in names of queues and in patterns of permissions.
pub fn amqp_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("it must be 1 to {LONGEST_NAME} letters, digits, dots, dashes or underscores"))
}

/// An amount to pay, or what an order costs.
pub fn amount(text: &str) -> Result<Money, MoneyError> {
    Money::parse_positive(text)
}

/// A guid that has no type of its own.
pub fn guid(text: &str) -> Result<Uuid, String> {
    Uuid::try_parse(text)
        .map_err(|_| "it must be 32 hex digits like 7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47".into())
}

/// A permission.
pub fn on_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it must be on or off".into()),
    }
}

/// A deadline in seconds.
pub fn timeout_s(text: &str) -> Result<i64, String> {
    crate::domain::task::guid::whole(text)
        .filter(|seconds| (1..=LONGEST_TIMEOUT_S).contains(seconds))
        .ok_or_else(|| format!("it must be whole seconds from 1 to {LONGEST_TIMEOUT_S}"))
}

/// A moment, which every reader takes for the same one.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        "it must be a time with an offset or a Z, like 2030-01-31T12:00:00+03:00 or 2030-01-31T09:00:00Z".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_read_by_people() {
        assert_eq!(name("Кафе «Чайка», 2").unwrap(), "Кафе «Чайка», 2");
        assert!(name(&"я".repeat(100)).is_ok());
        for (bad, message) in [
            ("", "1 to 100"),
            (&*"я".repeat(101), "101 characters"),
            ("a\tb", "control"),
            ("a\u{1b}[2J", "control"),
            (" ", "space"),
            ("a ", "space"),
        ] {
            let error = name(bad).unwrap_err();
            assert!(error.contains(message), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_name_on_the_broker_is_plain() {
        assert_eq!(amqp_name("Kiosk-7_a.b").unwrap(), "Kiosk-7_a.b");
        for bad in ["", "a b", "кафе", "a:b", "a/b", "a*", &"a".repeat(101)] {
            assert!(amqp_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_has_an_offset_and_keeps_it() {
        assert_eq!(moment("2030-01-31T12:00:00+03:00"), moment("2030-01-31T09:00:00Z"));
        assert!(moment("2030-01-31T12:00:00.250Z").is_ok());
        for bad in ["2030-01-31T12:00:00", "2030-01-31", "tomorrow", ""] {
            let message = moment(bad).unwrap_err();
            assert!(message.starts_with("it must be a time with an offset"), "{bad}: {message}");
        }
    }

    #[test]
    fn a_timeout_is_as_long_as_a_task_may_wait() {
        assert_eq!(timeout_s("3600"), Ok(3600));
        for bad in ["0", "3601", "-1", "1.5", "", "10s"] {
            assert!(timeout_s(bad).is_err(), "{bad}");
        }
    }
}
