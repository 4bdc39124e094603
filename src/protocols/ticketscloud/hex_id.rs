//! Identifiers of 24 hex digits, as ticketscloud has them: a time in seconds, and eight bytes that nobody else
//! has. Each is a type of its own.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rand::RngExt;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::domain::money::shown;
use crate::domain::task::guid::TaskGuid;

const SECONDS: usize = 4;

macro_rules! hex_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 12]);

        impl $name {
            /// A new one, of now.
            pub fn random() -> $name {
                $name(of(Timestamp::now(), rand::rng().random()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<$name, String> {
                let mut bytes = [0; 12];
                hex::decode_to_slice(text, &mut bytes).map(|()| $name(bytes)).map_err(|_| {
                    let text = shown(text);
                    format!(
                        "{text:?} is not the id of {}: it must be 24 hex digits like \
                         56a6253df06c5a059a93802e", $what
                    )
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

hex_id! {
    /// Who sells or owns events.
    PartnerId, "a partner";
    /// What tickets are for.
    EventId, "an event";
    /// Tickets of one kind.
    SetId, "a set";
    /// What a ticket of a set costs.
    RuleId, "a rule";
    /// One ticket.
    TicketId, "a ticket";
    /// A promo code.
    PromocodeId, "a promo code";
    /// A payment system.
    SystemId, "a payment system";
    /// A partner's right to sell somebody else's event.
    DealId, "a deal";
    /// An order of tickets.
    OrderId, "an order";
    /// A request to give back tickets.
    RefundId, "a refund request";
}

impl OrderId {
    /// The id of the order that a task makes at this moment: however often the task is decided at it, the
    /// same one, and nobody can guess it who does not know the task.
    pub fn made_by(task: TaskGuid, at: Timestamp) -> OrderId {
        let mut tail = [0; 12 - SECONDS];
        tail.copy_from_slice(&Sha256::digest(task.0.as_bytes())[..12 - SECONDS]);
        OrderId(of(at, tail))
    }
}

impl RefundId {
    /// The id of the request that a task makes at this moment, as [`OrderId::made_by`].
    pub fn made_by(task: TaskGuid, at: Timestamp) -> RefundId {
        RefundId(OrderId::made_by(task, at).0)
    }
}

fn of(at: Timestamp, tail: [u8; 12 - SECONDS]) -> [u8; 12] {
    let mut bytes = [0; 12];
    // The low four bytes: the next eighty years are in them.
    bytes[..SECONDS].copy_from_slice(&at.as_second().to_be_bytes()[4..]);
    bytes[SECONDS..].copy_from_slice(&tail);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_24_hex_digits_and_nothing_else() {
        let id: EventId = "56A6253df06c5a059a93802e".parse().unwrap();
        assert_eq!(id.to_string(), "56a6253df06c5a059a93802e");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"56a6253df06c5a059a93802e\"");
        for bad in [
            "",
            "56a6253df06c5a059a93802",
            "56a6253df06c5a059a93802eff",
            "56a6253df06c5a059a93802g",
        ] {
            let error = bad.parse::<EventId>().unwrap_err();
            assert!(error.contains("an event") && error.contains("24 hex digits"), "{error}");
        }
        assert!(serde_json::from_str::<EventId>("1").is_err());
    }

    #[test]
    fn an_order_has_its_tasks_id_and_its_time() {
        let (task, at) = (TaskGuid::new(), Timestamp::from_second(0x56a7_6c72).unwrap());
        let id = OrderId::made_by(task, at);
        assert_eq!(id, OrderId::made_by(task, at));
        assert_ne!(id, OrderId::made_by(TaskGuid::new(), at));
        assert!(id.to_string().starts_with("56a76c72"));
    }
}
