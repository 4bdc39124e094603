//! GET: one entry, or a page of a list, with what they are related to. Every read is of a reseller within the caller's
//! reach.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

use super::error::{Problem, Refused};
use super::{Api, authenticate, authorise, media, respond};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::activeplatform::command::UtcOffset;
use crate::protocols::activeplatform::listing::{
    self, CorrectionsAsked, Page, PaymentsAsked, PlainAsked,
};
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::reads::Read;
use crate::protocols::activeplatform::record::{Key, Record};
use crate::protocols::activeplatform::sql::Tables;
use crate::protocols::activeplatform::wire::lists::{self, View};
use crate::protocols::activeplatform::wire::page::Asked;
use crate::protocols::activeplatform::wire::query::{BadParameter, Parameters};
use crate::protocols::activeplatform::wire::request;
use crate::protocols::activeplatform::wire::shown::Shown;

/// The handler of a read.
pub(super) fn handler(what: Read) -> MethodRouter<Arc<Api>> {
    get(move |State(api): State<Arc<Api>>, path: Parts, uri: Uri, headers: HeaderMap| async move {
        let started = Instant::now();
        let answered = read(what, &api, path, &uri, &headers).await;
        let result = answered.as_ref().err().map_or("ok", Refused::result);
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
) -> Result<String, Refused> {
    let caller = authenticate(&api.app, headers).await?;
    media::acceptable(headers)?;
    let Path(parts) = path.map_err(|_| none(what))?;
    let mut parts = parts.into_iter().map(|(_, part)| part);
    let (reseller, _) = authorise(api, &caller, &parts.next().unwrap_or_default()).await?;
    let id = parts.next().map(|id| request::path_id(&id).ok_or_else(|| none(what)));
    let ask = Ask { what, api, caller: caller.id, reseller, uri };
    match id.transpose()? {
        None => ask.of_reseller().await,
        Some(id) => ask.of_id(id).await,
    }
}

/// There is no such entry.
fn none(what: Read) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("{} not found.", what.noun()))
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

    fn offset(&self) -> UtcOffset {
        self.api.settings.utc_offset
    }

    /// Reads all of the query, the rest of it with this.
    fn query<T>(
        &self,
        rest: impl FnOnce(&mut Parameters) -> Result<T, BadParameter>,
    ) -> Result<(Shown, T), BadParameter> {
        listing::read(self.what, self.uri.query().unwrap_or_default(), rest)
    }

    /// The reseller, or a page of what it has.
    async fn of_reseller(self) -> Result<String, Refused> {
        let (tables, reseller) = (self.tables(), self.reseller);
        match self.what {
            Read::Reseller => {
                let (shown, ()) = self.query(|_| Ok(()))?;
                let found = tables.reseller(self.caller, reseller).await?;
                self.one(&shown, found.map(Record::Reseller)).await
            }
            Read::Payments => {
                let take = |given: &mut _| PaymentsAsked::take(reseller, given, self.offset());
                let (shown, asked) = self.query(take)?;
                let found = tables.list_payments(&asked).await?;
                let found = found.into_iter().map(|payment| Record::Payment(Box::new(payment)));
                self.page(&shown, asked.page, found).await
            }
            Read::Corrections => {
                let (shown, asked) = self.query(CorrectionsAsked::take)?;
                let found = tables.list_corrections(reseller, asked).await?;
                self.page(&shown, asked.page, found.into_iter().map(Record::Correction)).await
            }
            Read::ChildAccounts => {
                let take = |given: &mut Parameters| {
                    Ok((PlainAsked::take(given)?, listing::reseller(given)?))
                };
                let (shown, (asked, only)) = self.query(take)?;
                let found = tables.list_child_accounts(reseller, only, asked).await?;
                self.page(&shown, asked.page, found.into_iter().map(Record::Account)).await
            }
            _ => self.plain().await,
        }
    }

    /// A page of what has no filters of its own.
    async fn plain(self) -> Result<String, Refused> {
        let (tables, reseller) = (self.tables(), self.reseller);
        let (shown, asked) = self.query(PlainAsked::take)?;
        let found: Vec<Record> = match self.what {
            Read::Children => {
                let found = tables.list_children(reseller, asked).await?;
                found.into_iter().map(Record::Reseller).collect()
            }
            Read::Accounts => {
                let found = tables.list_accounts(reseller, asked).await?;
                found.into_iter().map(Record::Account).collect()
            }
            Read::Methods => {
                let found = tables.list_methods(reseller, asked).await?;
                found.into_iter().map(Record::Method).collect()
            }
            _ => return Err(none(self.what).into()),
        };
        self.page(&shown, asked.page, found.into_iter()).await
    }

    /// An entry of the reseller, or a page of what it has.
    async fn of_id(self, id: i64) -> Result<String, Refused> {
        let (tables, reseller) = (self.tables(), self.reseller);
        match self.what {
            Read::PaymentCorrections => {
                let (shown, asked) = self.query(|given| CorrectionsAsked::of_payment(id, given))?;
                self.payment(id).await?;
                let found = tables.list_corrections(reseller, asked).await?;
                self.page(&shown, asked.page, found.into_iter().map(Record::Correction)).await
            }
            Read::PaymentInvoices => {
                self.query(|_| Ok(()))?;
                Ok(lists::invoices(self.uri.path(), &self.payment(id).await?))
            }
            Read::ChildAccount => {
                let (shown, only) = self.query(listing::reseller)?;
                let mut found = tables.child_account(reseller, only, id).await?;
                if found.len() > 1 {
                    return Err(ambiguous(id, &found).into());
                }
                self.one(&shown, found.pop()).await
            }
            _ => {
                let (shown, ()) = self.query(|_| Ok(()))?;
                let kind = self.what.resource().ok_or_else(|| none(self.what))?;
                let found = self.records(&BTreeSet::from([Key { kind, reseller, id }])).await?;
                self.one(&shown, found.into_iter().next()).await
            }
        }
    }

    async fn payment(&self, id: i64) -> Result<Payment, Refused> {
        let found = self.tables().payment(self.reseller, id).await?;
        Ok(found.ok_or_else(|| none(self.what))?)
    }

    async fn records(&self, keys: &BTreeSet<Key>) -> Result<Vec<Record>, Refused> {
        Ok(self.tables().records(self.caller, keys).await?)
    }

    async fn one(self, shown: &Shown, found: Option<Record>) -> Result<String, Refused> {
        let found = [found.ok_or_else(|| none(self.what))?];
        let others = self.others(shown, &found).await?;
        let [found] = found;
        Ok(View { shown, offset: self.offset() }.one(&found, &others))
    }

    async fn page(
        self,
        shown: &Shown,
        page: Page,
        found: impl Iterator<Item = Record>,
    ) -> Result<String, Refused> {
        let mut found: Vec<Record> = found.collect();
        let has_next = page.cut(&mut found);
        let others = self.others(shown, &found).await?;
        let (path, query) = (self.uri.path(), self.uri.query().unwrap_or_default());
        let view = View { shown, offset: self.offset() };
        Ok(view.page(Asked { path, query, page }, &found, &others, has_next))
    }

    /// What is included with records: each once, and none of them.
    async fn others(&self, shown: &Shown, found: &[Record]) -> Result<Vec<Record>, Refused> {
        let own: BTreeMap<Key, &Record> = found.iter().map(|it| (it.key(), it)).collect();
        let mut others: BTreeMap<Key, Record> = BTreeMap::new();
        for path in shown.paths() {
            let mut at: BTreeSet<Key> = own.keys().copied().collect();
            for relation in path {
                let record = |key: &Key| own.get(key).copied().or_else(|| others.get(key));
                let next: BTreeSet<Key> =
                    at.iter().filter_map(record).flat_map(|it| it.related(*relation)).collect();
                let is_there = |key: &Key| own.contains_key(key) || others.contains_key(key);
                let missing = next.iter().filter(|key| !is_there(key)).copied().collect();
                let read = self.records(&missing).await?;
                others.extend(read.into_iter().map(|it| (it.key(), it)));
                at = next;
            }
        }
        Ok(others.into_values().collect())
    }
}

/// An id that several resellers have given is no account yet.
fn ambiguous(id: i64, found: &[Record]) -> BadParameter {
    let resellers: Vec<_> = found.iter().map(|it| it.key().reseller.to_string()).collect();
    let resellers = resellers.join(", ");
    let rule =
        format!("the resellers {resellers} have an account {id} each: say which one's is meant");
    BadParameter::of("filter[reseller_id]", rule)
}
