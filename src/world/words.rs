//! What the store, the settings and the wire have one word for each.

/// How a restaurant's agent takes payments (White Server page, "PayOrder rules").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentVersion {
    /// Payments are prepayments; the order stays open.
    V1,
    /// The payment is the payment: exactly what is due, and it closes the order.
    V2,
}

/// What kind of payment a currency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyKind {
    /// Notes and coins.
    Cash,
    /// A bank card at the till.
    Card,
    /// Paid elsewhere: an aggregator, a QR code.
    Online,
    /// A discount of 100 %, which leaves one kopeck to be written off.
    FullDiscount,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Open.
    Created,
    /// Paid and closed (spelt so on the wire).
    Complited,
    /// Cancelled.
    Canceled,
}

/// A closed set of values with a word for each.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The word in the store, in settings and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),* }
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<$type, String> {
                $type::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let shown = $crate::money::shown(text);
                    format!("{shown:?} is none of: {}", [$($word),*].join(", "))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words!(AgentVersion { V1 = "v1", V2 = "v2" });
words!(CurrencyKind {
    Cash = "cash",
    Card = "card",
    Online = "online",
    FullDiscount = "full_discount",
});
words!(OrderStatus { Created = "Created", Complited = "Complited", Canceled = "Canceled" });
