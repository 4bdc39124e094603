//! ActivePlatform: completing a payment.

use crate::engine::protocol::Counted;
use serde::{Deserialize, Serialize};

use super::model::Payment;
use crate::domain::money::Money;
use crate::domain::task::Outcome;

/// What a manager asks for; stored as JSON, as the handler of the request wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Complete {
    /// Which payment of the reseller.
    pub which: Which,
    /// What it was paid with.
    pub method: i64,
    /// In whose name.
    pub manager: i64,
    /// How much came; `None`: exactly the payment's total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The currency that it came in, when the caller says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The bridge's own number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// How times are written in the answer.
    pub offset: UtcOffset,
}

/// How a payment is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// By its id.
    Payment(i64),
    /// By the number of its document.
    Document(String),
}

/// How far local time is from UTC, in minutes; written `+0300`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UtcOffset(i32);

impl UtcOffset {
    /// East of Greenwich.
    pub fn minutes(self) -> i32 {
        self.0
    }
}

impl std::str::FromStr for UtcOffset {
    type Err = String;

    fn from_str(text: &str) -> Result<UtcOffset, String> {
        let parts = || {
            let (sign, digits) = text.split_at_checked(1)?;
            let sign = match sign {
                "+" => 1,
                "-" => -1,
                _ => return None,
            };
            // `+03:00`, too.
            let digits = match digits.split_once(':') {
                Some((hours, minutes)) if hours.len() == 2 => format!("{hours}{minutes}"),
                _ => digits.to_owned(),
            };
            if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            let (hours, minutes): (i32, i32) =
                (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
            (hours <= 14 && minutes < 60).then_some(UtcOffset(sign * (hours * 60 + minutes)))
        };
        parts().ok_or_else(|| "it must be hours and minutes from UTC, like +0300".into())
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It was done; the payment as it is now.
    Payment(Box<PaymentView>),
    /// The same external transaction came before: its answer, as it was written then.
    Repeated(String),
    /// It was not done.
    Refused {
        /// The status of the answer.
        status: u16,
        /// Why, as a sentence.
        title: String,
    },
}

impl Counted for Answered {
    fn outcome(&self) -> Outcome {
        match self {
            Answered::Payment(_) | Answered::Repeated(_) => Outcome::Done,
            Answered::Refused { .. } => Outcome::Refused,
        }
    }
}

/// A payment as answers show it.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// How times are written.
    pub offset: UtcOffset,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_hours_and_minutes_with_a_sign() {
        for (text, minutes) in
            [("+0300", 180), ("+03:00", 180), ("-0930", -570), ("+0000", 0), ("+1400", 840)]
        {
            assert_eq!(text.parse::<UtcOffset>().unwrap().minutes(), minutes, "{text}");
        }
        for bad in ["", "0300", "+3", "+3:000", "+0:300", "+1500", "+0360", "+03é", "Z", "é0300"]
        {
            assert!(bad.parse::<UtcOffset>().is_err(), "{bad}");
        }
    }
}
