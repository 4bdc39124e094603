//! GET: one entry, or a page of a list. Every read is of a reseller within the caller's reach.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

use super::error::Problem;
use super::{Api, authenticate, authorise, media, respond};
use crate::database::StoreError;
use crate::domain::string_enum::string_enum;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::activeplatform::command::PaymentView;
use crate::protocols::activeplatform::listing::{
    CorrectionsAsked, Page, PaymentsAsked, PlainAsked,
};
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::sql::Tables;
use crate::protocols::activeplatform::wire::page::Asked;
use crate::protocols::activeplatform::wire::{answer, lists, query, request};

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
            Read::Payment => super::PAYMENT,
            Read::PaymentCorrections => {
                "/api/v3/resellers/{reseller_id}/payments/{payment_id}/corrections"
            }
            Read::PaymentInvoices => {
                "/api/v3/resellers/{reseller_id}/payments/{payment_id}/invoices"
            }
            Read::Accounts => "/api/v3/resellers/{reseller_id}/accounts",
            Read::Account => "/api/v3/resellers/{reseller_id}/accounts/{account_id}",
            Read::Methods => "/api/v3/resellers/{reseller_id}/payment_methods",
            Read::Method => "/api/v3/resellers/{reseller_id}/payment_methods/{payment_method_id}",
            Read::Corrections => "/api/v3/resellers/{reseller_id}/corrections",
            Read::Correction => "/api/v3/resellers/{reseller_id}/corrections/{correction_id}",
        }
    }

    /// There is no such entry.
    fn none(self) -> Problem {
        let what = match self {
            Read::Reseller | Read::Children => "Reseller",
            Read::Payments | Read::Payment | Read::PaymentCorrections | Read::PaymentInvoices => {
                "Payment"
            }
            Read::Accounts | Read::Account => "Account",
            Read::Methods | Read::Method => "Payment method",
            Read::Corrections | Read::Correction => "Correction",
        };
        Problem::new(StatusCode::NOT_FOUND, format!("{what} not found."))
    }
}

/// The handler of a read.
pub(super) fn handler(what: Read) -> MethodRouter<Arc<Api>> {
    get(move |State(api): State<Arc<Api>>, path: Parts, uri: Uri, headers: HeaderMap| async move {
        let started = Instant::now();
        let answered = read(what, &api, path, &uri, &headers).await;
        let result = answered.as_ref().err().map_or("ok", Problem::result);
        api.app.metrics.request(what.as_str(), result, started.elapsed());
        match answered {
            Ok(body) => respond(StatusCode::OK, body),
            Err(refused) => refused.into_response(),
        }
    })
}

/// The reseller, and what is read of it.
type Parts = Result<Path<Vec<(String, String)>>, PathRejection>;

async fn read(
    what: Read,
    api: &Api,
    path: Parts,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<String, Problem> {
    let caller = authenticate(&api.app, headers).await?;
    media::acceptable(headers)?;
    let Path(parts) = path.map_err(|_| what.none())?;
    let mut parts = parts.into_iter().map(|(_, part)| part);
    let (reseller, _) = authorise(api, &caller, &parts.next().unwrap_or_default()).await?;
    let id = parts.next().map(|id| request::path_id(&id).ok_or_else(|| what.none()));
    let ask = Ask { what, api, caller: caller.id, reseller, uri };
    match id.transpose()? {
        None => ask.of_reseller().await,
        Some(id) => ask.of_id(id).await,
    }
}

/// A read that may be done.
struct Ask<'a> {
    what: Read,
    api: &'a Api,
    caller: AggregatorId,
    reseller: ObjectId,
    uri: &'a Uri,
}

impl Ask<'_> {
    fn tables(&self) -> Tables<'_> {
        Tables::of(&self.api.app.store)
    }

    fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    fn asked(&self, page: Page) -> Asked<'_> {
        Asked { path: self.uri.path(), query: self.query(), page }
    }

    /// The reseller, or a page of what it has.
    async fn of_reseller(self) -> Result<String, Problem> {
        let (tables, reseller) = (self.tables(), self.reseller);
        let offset = self.api.settings.utc_offset;
        let plain = || PlainAsked::read(self.query()).map_err(Problem::bad);
        match self.what {
            Read::Reseller => {
                query::none(self.query()).map_err(Problem::bad)?;
                let found = tables.reseller(self.caller, reseller).await.map_err(unreachable)?;
                Ok(lists::reseller(found.ok_or_else(|| self.what.none())?))
            }
            Read::Children => {
                let plain = plain()?;
                let found = tables.list_children(reseller, plain).await.map_err(unreachable)?;
                Ok(lists::resellers(self.asked(plain.page), found))
            }
            Read::Payments => {
                let asked = PaymentsAsked::read(reseller, self.query(), offset);
                let asked = asked.map_err(Problem::bad)?;
                let found = tables.list_payments(&asked).await.map_err(unreachable)?;
                Ok(lists::payments(self.asked(asked.page), found, offset))
            }
            Read::Accounts => {
                let plain = plain()?;
                let found = tables.list_accounts(reseller, plain).await.map_err(unreachable)?;
                Ok(lists::accounts(self.asked(plain.page), found))
            }
            Read::Methods => {
                let plain = plain()?;
                let found = tables.list_methods(reseller, plain).await.map_err(unreachable)?;
                Ok(lists::methods(self.asked(plain.page), found))
            }
            Read::Corrections => {
                let asked = CorrectionsAsked::read(self.query()).map_err(Problem::bad)?;
                let found = tables.list_corrections(reseller, asked).await.map_err(unreachable)?;
                Ok(lists::corrections(self.asked(asked.page), found, offset))
            }
            _ => Err(self.what.none()),
        }
    }

    /// An entry of the reseller, or a page of what it has.
    async fn of_id(self, id: i64) -> Result<String, Problem> {
        let (tables, reseller) = (self.tables(), self.reseller);
        let offset = self.api.settings.utc_offset;
        if self.what == Read::PaymentCorrections {
            let asked = CorrectionsAsked::of_payment(id, self.query()).map_err(Problem::bad)?;
            self.payment(id).await?;
            let found = tables.list_corrections(reseller, asked).await.map_err(unreachable)?;
            return Ok(lists::corrections(self.asked(asked.page), found, offset));
        }
        query::none(self.query()).map_err(Problem::bad)?;
        let none = || self.what.none();
        let one = PlainAsked::one(id);
        match self.what {
            Read::Payment => {
                Ok(answer::payment(&PaymentView { payment: self.payment(id).await?, offset }))
            }
            Read::PaymentInvoices => Ok(lists::invoices(self.uri.path(), &self.payment(id).await?)),
            Read::Account => {
                let found = tables.list_accounts(reseller, one).await.map_err(unreachable)?;
                found.into_iter().next().map(lists::account).ok_or_else(none)
            }
            Read::Method => {
                let found = tables.list_methods(reseller, one).await.map_err(unreachable)?;
                found.into_iter().next().map(lists::method).ok_or_else(none)
            }
            Read::Correction => {
                let one = CorrectionsAsked { page: one.page, ids: one.ids, payment: None };
                let found = tables.list_corrections(reseller, one).await.map_err(unreachable)?;
                let found = found.into_iter().next().ok_or_else(none)?;
                Ok(lists::correction(found, offset))
            }
            _ => Err(none()),
        }
    }

    async fn payment(&self, id: i64) -> Result<Payment, Problem> {
        let found = self.tables().payment(self.reseller, id).await.map_err(unreachable)?;
        found.ok_or_else(|| self.what.none())
    }
}

fn unreachable(error: StoreError) -> Problem {
    tracing::warn!("a read failed: {}", crate::database::error::chain(&error));
    Problem::unavailable("the store cannot be reached at the moment")
}
