//! What can be read, and where.

use super::record::ResourceType;
use crate::domain::string_enum::string_enum;

/// Path of a payment; for POST the last part is the number of its document.
pub const PAYMENT: &str = "/api/v3/resellers/{reseller_id}/payments/{payment_id}";

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Read {
    Reseller,
    Children,
    Payments,
    Payment,
    PaymentCorrections,
    PaymentInvoices,
    Accounts,
    Account,
    ChildAccounts,
    ChildAccount,
    Methods,
    Method,
    Corrections,
    Correction,
}

string_enum!(Read {
    Reseller = "activeplatform.GetReseller",
    Children = "activeplatform.ListChildResellers",
    Payments = "activeplatform.ListPayments",
    Payment = "activeplatform.GetPayment",
    PaymentCorrections = "activeplatform.ListPaymentCorrections",
    PaymentInvoices = "activeplatform.ListPaymentInvoices",
    Accounts = "activeplatform.ListAccounts",
    Account = "activeplatform.GetAccount",
    ChildAccounts = "activeplatform.ListChildResellerAccounts",
    ChildAccount = "activeplatform.GetChildResellerAccount",
    Methods = "activeplatform.ListPaymentMethods",
    Method = "activeplatform.GetPaymentMethod",
    Corrections = "activeplatform.ListCorrections",
    Correction = "activeplatform.GetCorrection",
});

impl Read {
    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Read::Reseller => "/api/v3/resellers/{reseller_id}",
            Read::Children => "/api/v3/resellers/{reseller_id}/child_resellers",
            Read::Payments => "/api/v3/resellers/{reseller_id}/payments",
            Read::Payment => PAYMENT,
            Read::PaymentCorrections => {
                "/api/v3/resellers/{reseller_id}/payments/{payment_id}/corrections"
            }
            Read::PaymentInvoices => {
                "/api/v3/resellers/{reseller_id}/payments/{payment_id}/invoices"
            }
            Read::Accounts => "/api/v3/resellers/{reseller_id}/accounts",
            Read::Account => "/api/v3/resellers/{reseller_id}/accounts/{account_id}",
            Read::ChildAccounts => "/api/v3/resellers/{reseller_id}/child_reseller_accounts",
            Read::ChildAccount => {
                "/api/v3/resellers/{reseller_id}/child_reseller_accounts/{account_id}"
            }
            Read::Methods => "/api/v3/resellers/{reseller_id}/payment_methods",
            Read::Method => "/api/v3/resellers/{reseller_id}/payment_methods/{payment_method_id}",
            Read::Corrections => "/api/v3/resellers/{reseller_id}/corrections",
            Read::Correction => "/api/v3/resellers/{reseller_id}/corrections/{correction_id}",
        }
    }

    /// What it is answered with; `None`: only the ids of such are kept.
    pub fn resource(self) -> Option<ResourceType> {
        Some(match self {
            Read::Reseller | Read::Children => ResourceType::Resellers,
            Read::Payments | Read::Payment => ResourceType::Payments,
            Read::PaymentInvoices => return None,
            Read::Accounts | Read::Account | Read::ChildAccounts | Read::ChildAccount => {
                ResourceType::Accounts
            }
            Read::Methods | Read::Method => ResourceType::Methods,
            Read::PaymentCorrections | Read::Corrections | Read::Correction => {
                ResourceType::Corrections
            }
        })
    }

    /// What there is none of where it is not found.
    pub fn noun(self) -> &'static str {
        match self {
            Read::Reseller | Read::Children | Read::ChildAccounts => "Reseller",
            Read::Payments | Read::Payment | Read::PaymentCorrections | Read::PaymentInvoices => {
                "Payment"
            }
            Read::Accounts | Read::Account | Read::ChildAccount => "Account",
            Read::Methods | Read::Method => "Payment method",
            Read::Corrections | Read::Correction => "Correction",
        }
    }
}
