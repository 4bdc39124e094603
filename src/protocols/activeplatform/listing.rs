//! What a list is asked for: its page, its filters and its order.

mod times;

use std::ops::RangeInclusive;

pub use self::times::Times;
use super::command::UtcOffset;
use super::model::PaymentStatus;
use super::parameters::place;
use super::reads::Read;
use super::record::ResourceType;
use super::wire::query::{BadParameter, Parameters};
use super::wire::request::is_name;
use super::wire::shown::Shown;
use crate::domain::money::shown;
use crate::domain::string_enum::string_enum;
use crate::domain::task::ObjectId;
use crate::domain::task::guid::whole;

/// How many entries a page has when the caller does not say.
pub const PAGE: i64 = 50;
/// How many it has at the most.
pub const LARGEST_PAGE: i64 = 200;
/// How many entries can be paged through; what comes after them is reached with `filter[id][gt]`.
pub const DEEPEST: i64 = 100_000;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Entries of a page.
    pub size: i64,
    /// The first is 1.
    pub number: i64,
}

impl Page {
    /// Takes `page[size]` and `page[number]`.
    pub fn take(parameters: &mut Parameters) -> Result<Page, BadParameter> {
        let size = number(parameters, "page[size]", 1..=LARGEST_PAGE)?.unwrap_or(PAGE);
        let number = number(parameters, "page[number]", 1..=DEEPEST / size).map_err(|bad| {
            let end = format!("a list has {DEEPEST} entries at the most. Narrow it with a filter");
            BadParameter { rule: format!("{}: {end}", bad.rule), ..bad }
        });
        let number = number?.unwrap_or(1);
        Ok(Page { size, number })
    }

    /// Cuts what was read to the page: one entry more says that there is a next page.
    pub fn cut<T>(self, found: &mut Vec<T>) -> bool {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let has_next = found.len() > size;
        found.truncate(size);
        has_next
    }

    /// How many entries come before it.
    pub fn skipped(self) -> i64 {
        (self.number - 1) * self.size
    }
}

/// Ids between two, which do not count themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Ids {
    pub after: i64,
    pub before: i64,
}

impl Ids {
    /// Takes `filter[id][gt]` and `filter[id][lt]`.
    pub fn take(parameters: &mut Parameters) -> Result<Ids, BadParameter> {
        let after = number(parameters, "filter[id][gt]", 0..=i64::MAX)?.unwrap_or(0);
        let before = number(parameters, "filter[id][lt]", 1..=i64::MAX)?.unwrap_or(i64::MAX);
        Ok(Ids { after, before })
    }
}

/// By what payments are ordered; those that are equal are so by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sort {
    Id,
    IdDown,
    Created,
    CreatedDown,
    Updated,
    UpdatedDown,
}

string_enum!(Sort {
    Id = "id",
    IdDown = "-id",
    Created = "created_at",
    CreatedDown = "-created_at",
    Updated = "updated_at",
    UpdatedDown = "-updated_at",
});

/// Which payments of a reseller.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct PaymentsAsked {
    pub reseller: ObjectId,
    pub page: Page,
    pub ids: Ids,
    pub account: Option<i64>,
    pub status: Option<PaymentStatus>,
    pub document: Option<String>,
    pub created: Times,
    pub updated: Times,
    pub closed: Times,
    /// `None`: as the index has them that is read.
    pub sort: Option<Sort>,
}

/// Which entries of a list that has no filters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlainAsked {
    pub page: Page,
    pub ids: Ids,
}

impl PlainAsked {
    /// The entry with this id.
    pub fn one(id: i64) -> PlainAsked {
        let ids = Ids { after: id - 1, before: id.saturating_add(1) };
        PlainAsked { page: Page { size: 1, number: 1 }, ids }
    }

    /// Takes what every list has.
    pub fn take(given: &mut Parameters) -> Result<PlainAsked, BadParameter> {
        Ok(PlainAsked { page: Page::take(given)?, ids: Ids::take(given)? })
    }
}

/// Which corrections of a reseller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CorrectionsAsked {
    pub page: Page,
    pub ids: Ids,
    pub payment: Option<i64>,
}

impl CorrectionsAsked {
    /// Takes the parameters of a list of corrections.
    pub fn take(given: &mut Parameters) -> Result<CorrectionsAsked, BadParameter> {
        let PlainAsked { page, ids } = PlainAsked::take(given)?;
        let payment = number(given, "filter[payment_id]", 1..=i64::MAX)?;
        Ok(CorrectionsAsked { page, ids, payment })
    }

    /// Takes the parameters of the corrections of a payment.
    pub fn of_payment(
        payment: i64,
        given: &mut Parameters,
    ) -> Result<CorrectionsAsked, BadParameter> {
        let PlainAsked { page, ids } = PlainAsked::take(given)?;
        Ok(CorrectionsAsked { page, ids, payment: Some(payment) })
    }
}

/// Which of several resellers; `None`: all of them.
pub fn reseller(given: &mut Parameters) -> Result<Option<ObjectId>, BadParameter> {
    Ok(number(given, "filter[reseller_id]", 1..=i64::MAX)?.map(ObjectId))
}

/// Reads all of a query: what is to be shown, and the rest with this.
pub fn read<T>(
    what: Read,
    query: &str,
    rest: impl FnOnce(&mut Parameters) -> Result<T, BadParameter>,
) -> Result<(Shown, T), BadParameter> {
    let mut given = Parameters::read(place(what), query)?;
    let take = |of: ResourceType| Shown::take(&mut given, of);
    let shown = what.resource().map(take).transpose()?.unwrap_or_default();
    let rest = rest(&mut given)?;
    given.finish()?;
    Ok((shown, rest))
}

/// Where the payments of a list are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Axis {
    Ids,
    Account,
    Status,
    Document,
    Created,
    Updated,
}

impl PaymentsAsked {
    /// Takes the parameters of a list of payments.
    pub fn take(
        reseller: ObjectId,
        given: &mut Parameters,
        zone: UtcOffset,
    ) -> Result<PaymentsAsked, BadParameter> {
        let times = |given: &mut Parameters, names| Times::take(given, names, zone);
        let asked = PaymentsAsked {
            reseller,
            page: Page::take(given)?,
            sort: word(given, "sort")?,
            ids: Ids::take(given)?,
            account: number(given, "filter[account_id]", 1..=i64::MAX)?,
            status: word(given, "filter[status]")?,
            document: document(given)?,
            created: times(
                given,
                ["filter[created_at]", "filter[created_at][gt]", "filter[created_at][lt]"],
            )?,
            updated: times(
                given,
                ["filter[updated_at]", "filter[updated_at][gt]", "filter[updated_at][lt]"],
            )?,
            closed: times(
                given,
                ["filter[closed_at]", "filter[closed_at][gt]", "filter[closed_at][lt]"],
            )?,
        };
        Ok(asked.with_what_follows())
    }

    /// A payment is closed after it was created, and not after it was updated: its index has those times only.
    fn with_what_follows(mut self) -> PaymentsAsked {
        self.updated.from = self.updated.from.max(self.closed.from);
        let until = [self.created.until, self.closed.until].into_iter().flatten().min();
        self.created.until = until;
        self
    }

    /// The index that has the fewest of them, as far as can be said without counting.
    pub fn axis(&self) -> Axis {
        match self {
            PaymentsAsked { document: Some(_), .. } => Axis::Document,
            PaymentsAsked { account: Some(_), .. } => Axis::Account,
            PaymentsAsked { sort: Some(Sort::Created | Sort::CreatedDown), .. } => Axis::Created,
            PaymentsAsked { sort: Some(Sort::Updated | Sort::UpdatedDown), .. } => Axis::Updated,
            PaymentsAsked { status: Some(_), .. } => Axis::Status,
            PaymentsAsked { updated, .. } if !updated.is_any() => Axis::Updated,
            PaymentsAsked { created, .. } if !created.is_any() => Axis::Created,
            _ => Axis::Ids,
        }
    }

    /// Their order.
    pub fn order(&self) -> Sort {
        self.sort.unwrap_or(match self.axis() {
            Axis::Created => Sort::Created,
            Axis::Updated => Sort::Updated,
            _ => Sort::Id,
        })
    }
}

fn document(parameters: &mut Parameters) -> Result<Option<String>, BadParameter> {
    let name = "filter[document_id]";
    match parameters.take(name) {
        Some(text) if !is_name(&text) => {
            let rule = format!("{:?} is not the number of a document", shown(&text));
            Err(BadParameter::of(name, rule))
        }
        taken => Ok(taken),
    }
}

fn word<T: std::str::FromStr<Err = String>>(
    parameters: &mut Parameters,
    name: &'static str,
) -> Result<Option<T>, BadParameter> {
    let taken = parameters.take(name);
    let read = |text: String| text.parse().map_err(|rule: String| BadParameter::of(name, rule));
    taken.map(read).transpose()
}

/// A whole number within these bounds.
fn number(
    parameters: &mut Parameters,
    name: &'static str,
    bounds: RangeInclusive<i64>,
) -> Result<Option<i64>, BadParameter> {
    let Some(text) = parameters.take(name) else { return Ok(None) };
    let error = || {
        let (least, most) = (bounds.start(), bounds.end());
        let rule = format!("{:?} must be a whole number from {least} to {most}", shown(&text));
        BadParameter::of(name, rule)
    };
    whole(&text).filter(|number| bounds.contains(number)).map(Some).ok_or_else(error)
}

#[cfg(test)]
mod tests;
