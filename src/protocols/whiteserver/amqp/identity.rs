//! Whose message it is, and where its answer may go. Both are rules about names that anybody could write;
//! nothing is looked up here.

use crate::domain::money::shown;
use crate::engine::claim::{self, Claim, ClaimError};
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::queue::amqp::reply::DIRECT_REPLY_TO;

/// Who a message says it is from; see [`claim::claim`].
pub fn claim(
    user_id: Option<&str>,
    header: Option<&str>,
    service_user: &str,
) -> Result<Claim, Refusal> {
    claim::claim(user_id, header, service_user).map_err(|error| {
        let code = match error {
            ClaimError::NoUser => Code::AuthFailed,
            ClaimError::ForAnother { .. } => Code::AccessDenied,
        };
        Refusal::new(code, error.to_string())
    })
}

/// Whether the answer may be sent to this queue: through the default exchange a caller could otherwise have
/// us write into any queue there is.
pub fn check_reply_to(reply_to: &str, user: &str, prefix: &str) -> Result<(), Refusal> {
    let own = format!("{prefix}.replies.{user}");
    // Names of users hold no colon, so nobody's name is the beginning of another's queue.
    let is_own =
        reply_to.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    let is_nobodys = [DIRECT_REPLY_TO, "amq.gen-"].iter().any(|p| reply_to.starts_with(p));
    if (is_own || is_nobodys) && !reply_to.contains(char::is_control) {
        return Ok(());
    }
    let desc = format!(
        "reply_to is {:?}: it must be {DIRECT_REPLY_TO}, a queue named by the broker (amq.gen-...), {own} \
         or begin with {own}:",
        shown(reply_to)
    );
    Err(Refusal::new(Code::BadRequest, desc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_is_told_why_it_is_not_who_it_says() {
        let who = |user, header| claim(user, header, "wsa").map_err(|refusal| refusal.code);
        assert_eq!(who(Some("wsa"), Some("main")), Ok(Claim::Name("main".into())));
        assert_eq!(who(Some("kiosk"), Some("main")), Err(Code::AccessDenied));
        assert_eq!(who(None, Some("main")), Err(Code::AuthFailed));
        let told = claim(Some("kiosk"), Some("main"), "wsa").unwrap_err().desc;
        let header = crate::queue::amqp::upstream::AGGREGATOR_HEADER;
        let of = "is \"main\", and user \"kiosk\" may act for nobody but itself";
        assert_eq!(told, format!("header {header} {of}"));
    }

    #[test]
    fn an_answer_goes_into_no_queue_but_the_callers_own() {
        let allowed = |reply_to| check_reply_to(reply_to, "kiosk", "wsa").is_ok();
        for good in [
            "amq.rabbitmq.reply-to.g1h2AA1yZXBseUA5.VaYgLA1pHvnSuNTrYl/s6Q==",
            "amq.gen-F1uShGX6uw3qLFngq4O6Ug",
            "wsa.replies.kiosk",
            "wsa.replies.kiosk:till 7",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "",
            "wsa.tasks.in",
            "wsa.tasks.0",
            "wsa.results.kiosk",
            "wsa.replies.kiosk2",
            "wsa.replies.kiosk.a",
            "wsa.replies.",
            "other.replies.kiosk",
            "WSA.replies.kiosk",
            "amq.genuine",
            "wsa.replies.kiosk:\0",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
        let told = check_reply_to("wsa.tasks.0", "kiosk", "wsa").unwrap_err().desc;
        assert!(
            told.contains("\"wsa.tasks.0\": it must be") && told.contains("wsa.replies.kiosk:")
        );
    }
}
