//! The payments that an order has, on the White Server wire. The vendor's form of them is not known to us.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;

use super::view::local;
use crate::domain::money::Money;
use crate::domain::task::CurrencyGuid;
use crate::protocols::whiteserver::contract::forms;
use crate::protocols::whiteserver::reply::AppliedPayment;

/// A payment that an order has. A loyalty card that came with it is its payer's, and is not told.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AppliedPayment")]
pub(super) struct Applied<'a> {
    amount: Money,
    /// What a discount of 100 % left over, which counts as paid: nothing, or one kopeck.
    written_off: Money,
    /// The restaurant's currency that it was paid with.
    currency: CurrencyGuid,
    /// As the restaurant calls that currency; `null` when it has it no more.
    currency_name: Option<&'a str>,
    /// What kind of payment that is; `null` when the restaurant has the currency no more.
    #[schemars(schema_with = "forms::currency_kind")]
    kind: Option<&'static str>,
    /// When it was taken, in the restaurant's local time.
    #[schemars(schema_with = "forms::local_time")]
    taken_at: DateTime,
}

impl<'a> Applied<'a> {
    pub(super) fn all(payments: &'a [AppliedPayment]) -> Vec<Applied<'a>> {
        payments.iter().map(Applied::of).collect()
    }

    fn of(payment: &'a AppliedPayment) -> Applied<'a> {
        let title = payment.title.as_ref();
        Applied {
            amount: payment.amount,
            written_off: payment.written_off,
            currency: payment.currency,
            currency_name: title.map(|title| title.name.as_str()),
            kind: title.map(|title| title.kind.as_str()),
            taken_at: local(payment.taken_at.clone()),
        }
    }
}
