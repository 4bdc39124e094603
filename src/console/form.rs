//! Forms and the parameters of pages: each name once, and none that the page does not have.

use std::fmt::Display;
use std::str::FromStr;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::domain::money::{Money, shown};
use crate::ops::problem::Problem;
use crate::ops::queries::amount::AmountRange;
use crate::ops::queries::page::{far, long_ago};

/// The largest form, in bytes.
const LARGEST: usize = 64 * 1024;

/// What was filled in: names and values in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the query of a page.
    pub(super) fn of_query(query: Option<&str>) -> Form {
        Form(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Reads the body of a form.
    pub(super) async fn of_body(headers: &HeaderMap, body: Body) -> Result<Form, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let message = "a form is sent as application/x-www-form-urlencoded";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let bytes = axum::body::to_bytes(body, LARGEST).await.map_err(|_| {
            let message = format!("the form could not be read, or has more than {LARGEST} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        })?;
        Ok(Form(form_urlencoded::parse(&bytes).into_owned().collect()))
    }

    /// What was filled in under this name; a field that was left empty is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Everything that was filled in under this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(other, _)| other == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The same, or what is missing.
    pub(super) fn required(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| Problem::bad(format!("the field {name} must be filled in")))
    }

    /// What was filled in, as what it stands for; an error names the field and the rule.
    pub(super) fn read<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let read =
            |text: &str| text.parse().map_err(|rule| Problem::bad(format!("{name}: {rule}")));
        self.get(name).map(read).transpose()
    }

    /// A text of at most 255 characters.
    pub(super) fn word(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.get(name) {
            Some(text) if text.chars().count() > 255 => {
                Err(Problem::bad(format!("{name}: it has more than 255 characters")))
            }
            Some(text) if text.contains('\0') => {
                Err(Problem::bad(format!("{name}: it has a character U+0000")))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// A moment in UTC, as browsers send it (`2026-01-31T12:00`), or with an offset.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let in_utc =
            || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
        let at = text.parse::<Timestamp>().ok().or_else(in_utc);
        let at = at.filter(|at| (long_ago()..far()).contains(at));
        let rule = || {
            let text = shown(text);
            Problem::bad(format!("{name}: {text:?} is no moment like 2026-01-31T12:00"))
        };
        at.map(Some).ok_or_else(rule)
    }

    /// `amount`, or `amountFrom` and `amountTo`: decimals as text, never floats.
    pub(super) fn amounts(&self) -> Result<Option<AmountRange>, Problem> {
        let read = |name: &str| {
            let wrong = |rule| Problem::bad(format!("{name}: {rule}"));
            self.get(name).map(|text| Money::parse(text).map_err(wrong)).transpose()
        };
        let [exactly, from, to] = [read("amount")?, read("amountFrom")?, read("amountTo")?];
        AmountRange::asked(exactly, from, to).map_err(Problem::bad)
    }

    /// The fields that were filled in, as a query: for links to the same list.
    pub(super) fn query_with(&self, name: &str, value: &str) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (other, old) in self.0.iter().filter(|(other, old)| other != name && !old.is_empty()) {
            text.append_pair(other, old);
        }
        text.append_pair(name, value);
        text.finish()
    }

    /// The same without one of its fields.
    pub(super) fn without(&self, name: &str) -> Form {
        Form(self.0.iter().filter(|(other, _)| other != name).cloned().collect())
    }

    /// That it has no field but these, and each once.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (place, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                return Err(Problem::bad(format!(
                    "there is no field {name:?}; there are: {known}"
                )));
            }
            if self.0.iter().take(place).any(|(other, _)| other == name) {
                return Err(Problem::bad(format!(
                    "the field {name} was sent twice; send exactly one"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_in_utc_unless_it_says_otherwise() {
        let form = Form::of_query(Some(
            "a=2026-01-31T12:00&b=2026-01-31T12:00:00%2B03:00&c=soon&d=9999-12-31T23:59",
        ));
        assert_eq!(form.moment("a").unwrap().unwrap().to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(form.moment("b").unwrap().unwrap().to_string(), "2026-01-31T09:00:00Z");
        for wrong in ["c", "d"] {
            assert!(form.moment(wrong).unwrap_err().message.contains("is no moment like"));
        }
    }

    #[test]
    fn a_field_is_known_and_there_once() {
        let form = Form::of_query(Some("state=refused&caller=&cursor=x%20y"));
        assert_eq!(
            (form.get("state"), form.get("caller"), form.get("other")),
            (Some("refused"), None, None)
        );
        form.only(&["state", "caller", "cursor"]).unwrap();
        let wrong = form.only(&["state", "caller"]).unwrap_err().message;
        assert_eq!(wrong, "there is no field \"cursor\"; there are: state, caller");
        let twice = Form::of_query(Some("a=1&a=2")).only(&["a"]).unwrap_err().message;
        assert_eq!(twice, "the field a was sent twice; send exactly one");
        assert_eq!(form.query_with("cursor", "&n"), "state=refused&cursor=%26n");
    }
}
