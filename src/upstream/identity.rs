//! Whose message it is, and where its answer may go. Both are rules about names that anybody could write;
//! nothing is looked up here.

use crate::money::shown;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::queue::amqp::post::DIRECT_REPLY_TO;
use crate::queue::amqp::upstream::AGGREGATOR_HEADER;

/// Whom a message is to be looked up by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// The aggregator with this RabbitMQ user.
    User(String),
    /// The aggregator with this name.
    Name(String),
}

/// Who a message says it is from. `user_id` is the broker's word: it lets nobody write another's. The header
/// is the publisher's own, and only the service's own user may use it.
pub fn claim(
    user_id: Option<&str>,
    header: Option<&str>,
    service_user: &str,
) -> Result<Claim, Refusal> {
    match (user_id, header) {
        (None | Some(""), _) => {
            let desc =
                "user_id is missing: it must be the RabbitMQ user that publishes the message";
            Err(Refusal::new(Code::AuthFailed, desc))
        }
        (Some(user), Some(name)) if user == service_user => Ok(Claim::Name(name.to_owned())),
        (Some(user), Some(name)) => {
            let desc = format!(
                "header {AGGREGATOR_HEADER} is {:?}, and user {:?} may act for nobody but itself",
                shown(name),
                shown(user)
            );
            Err(Refusal::new(Code::AccessDenied, desc))
        }
        (Some(user), None) => Ok(Claim::User(user.to_owned())),
    }
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
    fn a_message_is_its_users_and_only_the_service_acts_for_others() {
        let who = |user, header| claim(user, header, "wsa").map_err(|refusal| refusal.code);
        assert_eq!(who(Some("kiosk"), None), Ok(Claim::User("kiosk".into())));
        assert_eq!(who(Some("wsa"), Some("main")), Ok(Claim::Name("main".into())));
        assert_eq!(who(Some("wsa"), None), Ok(Claim::User("wsa".into())));
        assert_eq!(who(Some("kiosk"), Some("main")), Err(Code::AccessDenied));
        assert_eq!(who(Some("kiosk"), Some("kiosk")), Err(Code::AccessDenied));
        for user in [None, Some("")] {
            assert_eq!(who(user, None), Err(Code::AuthFailed));
            assert_eq!(who(user, Some("main")), Err(Code::AuthFailed));
        }
        assert_eq!(claim(Some(""), Some("main"), "").unwrap_err().code, Code::AuthFailed);
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
