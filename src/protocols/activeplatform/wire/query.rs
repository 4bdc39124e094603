//! The parameters of a query. One that is not understood is refused by its name: a list without its filter, or a
//! payment without its amount, would be taken for what was asked for.

use std::fmt;

use url::form_urlencoded::parse;

use super::members::field;
use crate::web::parameters::Place;

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadParameter {
    /// Its name, as it may be told.
    pub name: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl BadParameter {
    /// That this parameter breaks a rule.
    pub fn of(name: &str, rule: impl Into<String>) -> BadParameter {
        BadParameter { name: field(name).to_owned(), rule: rule.into() }
    }
}

impl fmt::Display for BadParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.rule)
    }
}

/// Parameters, until each is taken by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a query; each is there once, and is one that is honoured at this place.
    pub fn read(place: &Place, query: &str) -> Result<Parameters, BadParameter> {
        let mut left: Vec<(String, String)> = Vec::new();
        for (name, value) in parse(query.as_bytes()) {
            let bad = |rule: &str| Err(BadParameter::of(&name, rule));
            if let Some(rule) = place.rule(&name) {
                return bad(&rule);
            }
            if left.iter().any(|(before, _)| *before == name) {
                return bad("this parameter was sent twice. Send it once");
            }
            if value.contains('\u{fffd}') {
                return bad("the value is not UTF-8");
            }
            left.push((name.into_owned(), value.into_owned()));
        }
        Ok(Parameters(left))
    }

    /// Takes a parameter.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(there, _)| there == name)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Refuses what nobody took, though it is honoured.
    pub fn finish(self) -> Result<(), BadParameter> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(BadParameter::of(name, "this parameter is not understood here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::parameters::Use::{Honoured, Refused};

    const PLACE: Place = Place {
        at: "GET /x",
        groups: &[
            &[("page[size]", Honoured("2")), ("filter[status]", Honoured("expired"))],
            &[("sort", Refused("there is one order"))],
        ],
    };

    #[test]
    fn a_parameter_that_nobody_takes_is_refused_by_its_name() {
        let query = "page%5Bsize%5D=2&filter[status]=a+b";
        let mut read = Parameters::read(&PLACE, query).unwrap();
        assert_eq!(read.take("page[size]").as_deref(), Some("2"));
        assert_eq!(read.take("sort"), None);
        let error = read.clone().finish().unwrap_err().to_string();
        assert_eq!(error, "filter[status]: this parameter is not understood here");
        assert_eq!(read.take("filter[status]").as_deref(), Some("a b"));
        assert_eq!(read.finish(), Ok(()));
        for (query, message) in [
            ("amount=5", "amount: it is not known here: there are page[size], filter[status]"),
            ("+7 900=5", "[…]: it is not known here"),
            ("sort=id", "sort: it is refused: there is one order"),
            ("page[size]=1&page[size]=1", "page[size]: this parameter was sent twice"),
            ("page[size]=%FF", "page[size]: the value is not UTF-8"),
        ] {
            let error = Parameters::read(&PLACE, query).unwrap_err().to_string();
            assert!(error.starts_with(message), "{query}: {error}");
        }
        for nothing in ["", "&"] {
            assert_eq!(Parameters::read(&PLACE, nothing), Ok(Parameters::default()));
        }
    }
}
