//! The parameters of a URL, by the table of their place. What is unknown, twice or wrong is refused by name.

use std::fmt::Display;
use std::str::FromStr;

use axum::http::Uri;

use crate::domain::money::{Money, shown};
use crate::ops::problem::Problem;
use crate::ops::queries::amount::AmountRange;
use crate::web::parameters::Place;

/// Parameters that were read.
#[derive(Debug)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a URL, each known at its place and there once.
    pub fn read(place: &Place, uri: &Uri) -> Result<Params, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let query = uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
            if let Some(refusal) = place.refusal(&name) {
                return Err(Problem::bad(refusal));
            }
            if pairs.iter().any(|(there, _)| *there == name) {
                return Err(Problem::bad(format!("{name}: it was sent twice; send it once")));
            }
            pairs.push((name, value));
        }
        Ok(Params(pairs))
    }

    /// A parameter, when it is there; an error names it and the rule.
    pub fn get<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let read = |value: &str| value.parse().map_err(|rule| wrong(name, &rule));
        self.text(name).map(read).transpose()
    }

    /// The same, of a whole number in a range.
    pub fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        let rule = || {
            let text = shown(text);
            wrong(name, &format!("{text:?} is no whole number from {least} to {most}"))
        };
        number.ok_or_else(rule).map(Some)
    }

    /// A moment in RFC 3339.
    pub fn moment(&self, name: &str) -> Result<Option<jiff::Timestamp>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let rule = |_| {
            let text = shown(text);
            wrong(name, &format!("{text:?} is no moment like 2026-01-31T12:00:00Z"))
        };
        let moment: jiff::Timestamp = text.parse().map_err(rule)?;
        let known = crate::ops::queries::page::long_ago()..crate::ops::queries::page::far();
        match known.contains(&moment) {
            true => Ok(Some(moment)),
            false => Err(wrong(name, &"it must be from 1970 to 9986")),
        }
    }

    /// `amount`, or `amountFrom` and `amountTo`: decimals as text, never floats.
    pub fn amounts(&self) -> Result<Option<AmountRange>, Problem> {
        let read = |name: &str| {
            let amount = |text: &str| Money::parse(text).map_err(|rule| wrong(name, &rule));
            self.text(name).map(amount).transpose()
        };
        let [exactly, from, to] = [read("amount")?, read("amountFrom")?, read("amountTo")?];
        AmountRange::asked(exactly, from, to).map_err(Problem::bad)
    }

    /// A text that is not empty and has at most 255 characters.
    pub fn word(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.text(name) {
            Some("") => Err(wrong(name, &"it is empty: leave it out")),
            Some(text) if text.chars().count() > 255 => {
                Err(wrong(name, &"it has more than 255 characters"))
            }
            Some(text) if text.contains('\0') => Err(wrong(name, &"it has a character U+0000")),
            text => Ok(text.map(str::to_owned)),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(there, _)| there == name).map(|(_, value)| &**value)
    }
}

fn wrong(name: &str, rule: &impl Display) -> Problem {
    Problem::bad(format!("{name}: {rule}"))
}
