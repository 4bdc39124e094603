//! Whose a message of an upstream service is. A rule about names that anybody could write; nothing is looked up here.

use crate::domain::money::shown;
use crate::queue::amqp::upstream::AGGREGATOR_HEADER;

/// Whom a message is to be looked up by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// The aggregator with this RabbitMQ user.
    User(String),
    /// The aggregator with this name.
    Name(String),
}

/// Why a message is not from whom it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The broker names no user.
    #[error("user_id is missing: it must be the RabbitMQ user that publishes the message")]
    NoUser,
    /// A user that is not the service's own names somebody.
    #[error(
        "header {} is {:?}, and user {:?} may act for nobody but itself",
        AGGREGATOR_HEADER, shown(.name), shown(.user)
    )]
    ForAnother {
        /// Whom it names.
        name: String,
        /// Who it is.
        user: String,
    },
}

/// Who a message says it is from. `user_id` is the broker's word: it lets nobody write another's. The header
/// is the publisher's own, and only the service's own user may use it.
pub fn claim(
    user_id: Option<&str>,
    header: Option<&str>,
    service_user: &str,
) -> Result<Claim, ClaimError> {
    match (user_id, header) {
        (None | Some(""), _) => Err(ClaimError::NoUser),
        (Some(user), Some(name)) if user == service_user => Ok(Claim::Name(name.to_owned())),
        (Some(user), Some(name)) => {
            Err(ClaimError::ForAnother { name: name.to_owned(), user: user.to_owned() })
        }
        (Some(user), None) => Ok(Claim::User(user.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_its_users_and_only_the_service_acts_for_others() {
        let who = |user, header| claim(user, header, "wsa");
        let for_another =
            |name: &str| Err(ClaimError::ForAnother { name: name.into(), user: "kiosk".into() });
        assert_eq!(who(Some("kiosk"), None), Ok(Claim::User("kiosk".into())));
        assert_eq!(who(Some("wsa"), Some("main")), Ok(Claim::Name("main".into())));
        assert_eq!(who(Some("wsa"), None), Ok(Claim::User("wsa".into())));
        assert_eq!(who(Some("kiosk"), Some("main")), for_another("main"));
        assert_eq!(who(Some("kiosk"), Some("kiosk")), for_another("kiosk"));
        for user in [None, Some("")] {
            assert_eq!(who(user, None), Err(ClaimError::NoUser));
            assert_eq!(who(user, Some("main")), Err(ClaimError::NoUser));
        }
        assert_eq!(claim(Some(""), Some("main"), ""), Err(ClaimError::NoUser));
    }
}
