//! What a partner sees of what it sells.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::{Rule, in_effect};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::{DealId, EventId, PartnerId, SetId, TicketId};

/// As much of an event as lists are filtered and sorted by.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Offer {
    pub object: ObjectId,
    pub event: EventId,
    pub org: PartnerId,
    /// By what right it is sold; `None`: it is the partner's own.
    pub deal: Option<DealId>,
    pub on_sale: bool,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub venue: Option<String>,
    pub country: Option<String>,
    pub city: Option<String>,
    /// What a ticket of each set costs now, with the fee, the cheapest first; of lists that ask for it.
    pub prices: Vec<Money>,
}

/// What a list of events is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// When they start.
    Start,
    /// When they end.
    End,
    /// What the cheapest ticket costs.
    Price,
}

/// Which events, and which part of them.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Wanted {
    pub org: Option<PartnerId>,
    pub venue: Option<String>,
    pub country: Option<String>,
    pub city: Option<String>,
    pub on_sale: Option<bool>,
    /// An event that takes place at a moment between these two.
    pub lifetime: Option<(Timestamp, Timestamp)>,
    /// An event with a price between these two.
    pub price: Option<(Money, Money)>,
    /// Each with whether it is reversed.
    pub sort: Vec<(Key, bool)>,
    pub skip: usize,
    pub most: usize,
}

impl Wanted {
    /// Whether prices have to be known.
    pub fn asks_for_prices(&self) -> bool {
        self.price.is_some() || self.sort.iter().any(|(key, _)| *key == Key::Price)
    }

    /// Those that are wanted, in the order that is wanted.
    pub fn of(&self, mut offers: Vec<Offer>) -> Vec<Offer> {
        offers.retain(|offer| self.takes(offer));
        offers.sort_by(|one, other| self.order(one, other));
        offers.into_iter().skip(self.skip).take(self.most).collect()
    }

    fn takes(&self, offer: &Offer) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, value: Option<&T>) -> bool {
            wanted.is_none_or(|wanted| Some(wanted) == value)
        }
        let within = self.lifetime.is_none_or(|(from, until)| {
            offer.starts_at.is_some_and(|start| start <= until)
                && offer.ends_at.or(offer.starts_at).is_some_and(|end| end >= from)
        });
        let costs = self.price.is_none_or(|(least, most)| {
            offer.prices.iter().any(|price| (least..=most).contains(price))
        });
        is(self.org.as_ref(), Some(&offer.org))
            && is(self.venue.as_ref(), offer.venue.as_ref())
            && is(self.country.as_ref(), offer.country.as_ref())
            && is(self.city.as_ref(), offer.city.as_ref())
            && is(self.on_sale.as_ref(), Some(&offer.on_sale))
            && within
            && costs
    }

    /// What has no such value comes last, either way; of equals the one with the lowest id is first.
    fn order(&self, one: &Offer, other: &Offer) -> Ordering {
        fn by<T: Ord>(one: Option<T>, other: Option<T>, reversed: bool) -> Ordering {
            match (one, other) {
                (Some(one), Some(other)) if reversed => other.cmp(&one),
                (Some(one), Some(other)) => one.cmp(&other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            }
        }
        let keys = self.sort.iter().map(|(key, reversed)| match key {
            Key::Start => by(one.starts_at, other.starts_at, *reversed),
            Key::End => by(one.ends_at, other.ends_at, *reversed),
            Key::Price => {
                let cheapest = |offer: &Offer| offer.prices.first().copied();
                by(cheapest(one), cheapest(other), *reversed)
            }
        });
        keys.fold(Ordering::Equal, Ordering::then).then(one.event.cmp(&other.event))
    }
}

/// An event, as it is shown.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Shown {
    pub offer: Offer,
    pub org_name: String,
    pub name: String,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    /// What an operator wrote of it.
    pub card: Value,
    /// In their order.
    pub sets: Vec<ShownSet>,
}

/// A set, as it is shown.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct ShownSet {
    pub id: SetId,
    pub pos: i64,
    pub name: String,
    pub sector: Option<String>,
    pub seats: Value,
    pub amount: i64,
    pub vacant: i64,
    pub rules: Vec<Rule>,
}

impl ShownSet {
    /// The rule that counts at this moment.
    pub fn current(&self, now: Timestamp) -> Option<&Rule> {
        in_effect(&self.rules, now)
    }
}

/// A ticket, as it is shown.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct ShownTicket {
    pub id: TicketId,
    pub set: SetId,
    /// `vacant`, `reserved` or `sold`.
    pub status: String,
    pub reserved_till: Option<Timestamp>,
    pub place: Option<String>,
}

/// A deal, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ShownDeal {
    pub id: DealId,
    pub event: EventId,
    /// Whose event it is.
    pub org: PartnerId,
    /// Who sells it.
    pub vendor: PartnerId,
}

/// Which tickets of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct WantedTickets {
    /// `None`: of every status; between commas.
    pub statuses: Option<String>,
    pub skip: i64,
    pub most: i64,
}

/// What a ticket of each of these sets costs, with the fee, by their rules; the cheapest first.
pub fn prices<'a>(sets: impl IntoIterator<Item = &'a [Rule]>, now: Timestamp) -> Vec<Money> {
    let current = sets.into_iter().filter_map(|rules| in_effect(rules, now));
    let full = current.filter_map(|rule| rule.price.checked_add(rule.extra));
    let mut prices: Vec<Money> = full.collect();
    prices.sort_unstable();
    prices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(number: u8, start: Option<i64>, price: Option<&str>) -> Offer {
        let at = |second| Timestamp::from_second(second).unwrap();
        let price = price.map(|price| Money::parse(price).unwrap());
        Offer {
            object: ObjectId(number.into()),
            event: format!("{number:024x}").parse().unwrap(),
            org: format!("{:024x}", number % 2).parse().unwrap(),
            deal: None,
            on_sale: number != 3,
            starts_at: start.map(at),
            ends_at: start.map(|start| at(start + 10)),
            venue: None,
            country: Some("RU".into()),
            city: (number == 1).then(|| "524901".into()),
            prices: price.into_iter().collect(),
        }
    }

    fn all() -> Wanted {
        Wanted {
            org: None,
            venue: None,
            country: None,
            city: None,
            on_sale: None,
            lifetime: None,
            price: None,
            sort: vec![(Key::Start, false)],
            skip: 0,
            most: 10,
        }
    }

    fn found(wanted: &Wanted) -> Vec<i64> {
        let offers = vec![
            offer(1, Some(300), Some("5.00")),
            offer(2, Some(100), None),
            offer(3, None, Some("7.00")),
            offer(4, Some(200), Some("5.00")),
        ];
        wanted.of(offers).iter().map(|offer| offer.object.0).collect()
    }

    #[test]
    fn events_are_filtered_sorted_and_paged() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let price = |text| Money::parse(text).unwrap();
        assert_eq!(found(&all()), [2, 4, 1, 3]);
        assert_eq!(found(&Wanted { sort: vec![(Key::End, true)], ..all() }), [1, 4, 2, 3]);
        let dear_first = vec![(Key::Price, true), (Key::Start, false)];
        assert_eq!(found(&Wanted { sort: dear_first, ..all() }), [3, 4, 1, 2]);
        assert_eq!(found(&Wanted { lifetime: Some((at(110), at(200))), ..all() }), [2, 4]);
        assert_eq!(found(&Wanted { lifetime: Some((at(111), at(199))), ..all() }), [0_i64; 0]);
        assert_eq!(found(&Wanted { price: Some((price("5"), price("6"))), ..all() }), [4, 1]);
        assert_eq!(found(&Wanted { city: Some("524901".into()), ..all() }), [1]);
        assert_eq!(found(&Wanted { country: Some("FR".into()), ..all() }), [0_i64; 0]);
        assert_eq!(found(&Wanted { on_sale: Some(true), ..all() }), [2, 4, 1]);
        let org = Some(format!("{:024x}", 1).parse().unwrap());
        assert_eq!(found(&Wanted { org, ..all() }), [1, 3]);
        assert_eq!(found(&Wanted { skip: 1, most: 2, ..all() }), [4, 1]);
    }
}
