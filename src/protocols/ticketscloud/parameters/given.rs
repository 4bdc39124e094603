//! The parameters of a URL, as they were sent.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Place;
use crate::domain::money::{Money, shown};
use crate::domain::task::guid::whole;
use crate::protocols::ticketscloud::wire::fields::Schema;

/// How many entries a page has when nobody says.
pub const PAGE: i64 = 20;
/// How many it has at the most.
pub const LARGEST_PAGE: i64 = 100;
/// How many tickets of an event are shown at once, when nobody says and at the most: as many as a large hall has.
pub const MOST_TICKETS_SHOWN: i64 = 50_000;
/// The last page that is looked for.
pub const LAST_PAGE: i64 = 10_000;

/// What was sent: each once, and each of those that are honoured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given(BTreeMap<&'static str, String>);

impl Given {
    /// Reads a query; a parameter that is not honoured is named.
    pub fn read(place: &Place, query: &str) -> Result<Given, String> {
        let mut given = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if let Some(refusal) = place.refusal(&name) {
                return Err(refusal);
            }
            let Some((name, _)) = place.find(&name) else { continue };
            if given.insert(name, value.into_owned()).is_some() {
                return Err(format!("{name}: it must be there once"));
            }
        }
        Ok(Given(given))
    }

    /// The text of a parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that is of a closed set, or an id.
    pub fn word<T: FromStr<Err = String>>(&self, name: &str) -> Result<Option<T>, String> {
        let read = |text: &str| text.parse().map_err(|rule| format!("{name}: {rule}"));
        self.text(name).map(read).transpose()
    }

    /// A list of such, between commas.
    pub fn words<T: FromStr<Err = String>>(&self, name: &str) -> Result<Option<Vec<T>>, String> {
        let read = |text: &str| text.parse().map_err(|rule| format!("{name}: {rule}"));
        let list = self.text(name).map(|list| list.split(',').map(read).collect());
        list.transpose()
    }

    /// How many entries to pass by, and how many to show.
    pub fn page(&self, most: i64, usual: i64) -> Result<(i64, i64), String> {
        let page = self.number("page", LAST_PAGE)?.unwrap_or(1);
        let size = self.number("page_size", most)?.unwrap_or(usual);
        Ok(((page - 1) * size, size))
    }

    fn number(&self, name: &str, most: i64) -> Result<Option<i64>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = whole(text).filter(|number| (1..=most).contains(number));
        let rule = || format!("{name}: {:?} must be a whole number from 1 to {most}", shown(text));
        number.map(Some).ok_or_else(rule)
    }

    /// Two moments, the first no later than the second.
    pub fn moments(&self, name: &str) -> Result<Option<(Timestamp, Timestamp)>, String> {
        self.range(name, moment, "two times like 2026-01-31T12:00:00Z with a comma between them")
    }

    /// Two amounts, the first no more than the second.
    pub fn amounts(&self, name: &str) -> Result<Option<(Money, Money)>, String> {
        let amount = |text: &str| Money::parse(text).ok();
        self.range(name, amount, "two amounts like 100.50 with a comma between them")
    }

    fn range<T: Ord>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
        must: &str,
    ) -> Result<Option<(T, T)>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let both = text.split_once(',').and_then(|(one, other)| Some((read(one)?, read(other)?)));
        let rule = || format!("{name}: {:?} must be {must}, the lower one first", shown(text));
        both.filter(|(one, other)| one <= other).map(Some).ok_or_else(rule)
    }

    /// What is to be shown; `None`: what is shown by itself.
    pub fn schema(&self, known: &str) -> Result<Option<Schema>, String> {
        self.text("fields-schema").map(|text| Schema::read(text, known)).transpose()
    }
}

/// An ISO date or time; in UTC where it does not say.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace(' ', "+");
    text.parse().ok().or_else(|| {
        let local: DateTime = text.replacen('+', "T", 1).parse().ok()?;
        local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::super::{EVENTS, ORDERS};
    use super::*;
    use crate::protocols::ticketscloud::hex_id::EventId;
    use crate::protocols::ticketscloud::model::OrderStatus;

    #[test]
    fn a_query_is_read() {
        let given = Given::read(&ORDERS, "status=done,expired&page=3&page_size=50").unwrap();
        let both = vec![OrderStatus::Done, OrderStatus::Expired];
        assert_eq!(given.words("status"), Ok(Some(both)));
        assert_eq!(given.page(LARGEST_PAGE, PAGE), Ok((100, 50)));
        assert_eq!(Given::default().page(LARGEST_PAGE, PAGE), Ok((0, 20)));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let range = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        for text in [
            "2026-01-01T00:00:00Z,2026-01-02T00:00:00%2B00:00",
            "2026-01-01T00:00:00Z,2026-01-02T00:00:00+00:00",
            "2026-01-01,2026-01-02",
            "2026-01-01T00:00:00,2026-01-02%2000:00:00",
        ] {
            let given = Given::read(&EVENTS, &format!("lifetime__range={text}")).unwrap();
            assert_eq!(given.moments("lifetime__range"), Ok(Some(range)), "{text}");
        }
        let given = Given::read(&EVENTS, "price__range=100,200.50").unwrap();
        let amount = |text| Money::parse(text).unwrap();
        assert_eq!(given.amounts("price__range"), Ok(Some((amount("100"), amount("200.5")))));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let read = |query: &str| {
            let given = Given::read(&EVENTS, query)?;
            given.page(LARGEST_PAGE, PAGE)?;
            given.word::<EventId>("org")?;
            given.moments("lifetime__range")?;
            given.amounts("price__range")?;
            given.schema("id,title{text}")
        };
        for (query, message) in [
            ("colour=red", "colour: it is not known here"),
            ("filter=x", "filter: it is refused"),
            ("page=0", "page: \"0\" must be a whole number from 1 to 10000"),
            ("page=10001", "page"),
            ("page_size=101", "page_size"),
            ("page_size=-1", "page_size"),
            ("page=1&page=2", "page: it must be there once"),
            ("org=x", "org: \"x\" is not the id of"),
            ("lifetime__range=2026-01-01", "lifetime__range: \"2026-01-01\" must be two times"),
            ("lifetime__range=2026-01-02,2026-01-01", "the lower one first"),
            ("price__range=1,x", "price__range"),
            ("fields-schema=nothing", "fields-schema: there is no field nothing"),
        ] {
            let error = read(query).unwrap_err();
            assert!(error.contains(message), "{query}: {error}");
        }
    }
}
