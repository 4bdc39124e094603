//! Parameters: read strictly, and never shown where they may be secrets.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::domain::money::shown;
use crate::domain::task::RequestDigest;
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::Fault;

/// The most parameters of a request.
pub const MOST_PARAMETERS: usize = 200;
/// The longest name of one, in characters.
pub const LONGEST_NAME: usize = 64;
/// The longest value of one, in characters.
pub const LONGEST_VALUE: usize = 1024;
/// The most numbers of a list.
pub const MOST_NUMBERS: usize = 100;

/// What says who calls: never kept, never shown.
pub const SECRETS: [&str; 2] = ["authinfo", "auth"];

/// The parameters of a request, each once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Params {
    /// Reads those of a query and those of a form's body.
    pub fn read(query: &str, body: &str) -> Result<Params, Fault> {
        let mut params = BTreeMap::new();
        let pairs = [query, body].into_iter().flat_map(|part| part.split('&'));
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).filter(|name| is_name(name)).ok_or_else(|| {
                let ru = format!(
                    "Имя параметра должно быть из 1–{LONGEST_NAME} печатных символов в UTF-8"
                );
                let en = format!(
                    "The name of a parameter must be 1 to {LONGEST_NAME} printable characters in UTF-8"
                );
                Fault::value("parameters", ru, en)
            })?;
            let value = decode(value).filter(|value| is_value(value)).ok_or_else(|| {
                let ru = format!("Нужно не более {LONGEST_VALUE} печатных символов в UTF-8");
                let en =
                    format!("It must be at most {LONGEST_VALUE} printable characters in UTF-8");
                Fault::value(&name, ru, en)
            })?;
            if params.len() >= MOST_PARAMETERS {
                let ru = format!("Параметров больше {MOST_PARAMETERS}");
                let en = format!("There are more than {MOST_PARAMETERS} parameters");
                return Err(Fault::value("parameters", ru, en));
            }
            if params.contains_key(&name) {
                let ru = "Параметр указан больше одного раза";
                return Err(Fault::value(&name, ru, "The parameter was sent more than once"));
            }
            params.insert(name, value);
        }
        Ok(Params(params))
    }

    /// A parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| Fault::missed(name))
    }

    /// The number of something.
    pub fn id(&self, name: &str) -> Result<Option<i64>, Fault> {
        self.get(name).map(|text| id(name, text)).transpose()
    }

    /// The same, which must be there.
    pub fn required_id(&self, name: &str) -> Result<i64, Fault> {
        id(name, self.required(name)?)
    }

    /// Numbers with commas between them, which must be there; each once.
    pub fn ids(&self, name: &str) -> Result<Vec<i64>, Fault> {
        let text = self.required(name)?;
        let mut ids = Vec::new();
        for part in text.split(',') {
            let one = id(name, part.trim())?;
            if ids.contains(&one) {
                let ru = format!("Номер {one} указан больше одного раза");
                return Err(Fault::value(name, ru, format!("{one} is named more than once")));
            }
            if ids.len() >= MOST_NUMBERS {
                let ru = format!("Номеров больше {MOST_NUMBERS}");
                let en = format!("There are more than {MOST_NUMBERS} numbers");
                return Err(Fault::value(name, ru, en));
            }
            ids.push(one);
        }
        Ok(ids)
    }

    /// `on` or `off`; absent is off.
    pub fn flag(&self, name: &str) -> Result<bool, Fault> {
        match self.get(name) {
            None | Some("off") => Ok(false),
            Some("on") => Ok(true),
            Some(other) => {
                let message = shown(other);
                let ru = format!("{message:?}: нужно on или off");
                Err(Fault::value(name, ru, format!("{message:?}: it must be on or off")))
            }
        }
    }

    /// One of a closed set of words.
    pub fn word<T: std::str::FromStr>(&self, name: &str, all: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| none_of(name, text, all))
    }

    /// The parameters whose names begin so, without that beginning.
    pub fn beginning(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let of_it = self
            .0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())));
        of_it.filter(|(_, value)| !value.is_empty())
    }

    /// All of them, but for those that say who calls and those that are named.
    pub fn others(&self, known: &[&str]) -> BTreeMap<String, String> {
        let other = |name: &str| !SECRETS.contains(&name) && !known.contains(&name);
        let others = self.0.iter().filter(|(name, value)| other(name) && !value.is_empty());
        others.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// What is asked for: in any order, as parameters have none, and without what says who calls.
    pub fn digest(&self) -> RequestDigest {
        let asked = self.others(&FORM);
        RequestDigest::of(asked.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
    }
}

/// In which form an answer is wanted: asks for nothing else.
const FORM: [&str; 2] = ["out", "lang"];

/// A value that is none of those that there are.
pub fn none_of(name: &str, value: &str, all: &str) -> Fault {
    let message = shown(value);
    Fault::value(
        name,
        format!("{message:?}: нужно одно из: {all}"),
        format!("{message:?} is none of: {all}"),
    )
}

fn id(name: &str, text: &str) -> Result<i64, Fault> {
    whole(text).filter(|id| *id > 0).ok_or_else(|| {
        let message = shown(text);
        let ru = format!("{message:?}: нужно целое положительное число");
        Fault::value(name, ru, format!("{message:?}: it must be a positive whole number"))
    })
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

fn is_value(value: &str) -> bool {
    value.chars().count() <= LONGEST_VALUE && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(query: &str) -> String {
        let fault = Params::read(query, "").unwrap_err();
        format!("{} {}: {}", fault.kind, fault.object.unwrap(), fault.msg.en)
    }

    #[test]
    fn a_query_and_a_body_are_read_together() {
        let params = Params::read("func=cart&a=%D1%8F+b", "elid=7,%208&x=&sok=ok").unwrap();
        assert_eq!(params.get("a"), Some("я b"));
        assert_eq!(params.ids("elid").unwrap(), [7, 8]);
        assert_eq!((params.get("x"), params.get("y")), (None, None));
        assert_eq!(params.others(&["func", "sok", "elid"]).len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert!(fault("a=1&a=2").starts_with("value a: The parameter was sent more"));
        assert!(fault("a=%ff").starts_with("value a: It must be at most 1024"));
        assert!(fault("a=%00").starts_with("value a"));
        assert!(fault("%ff=1").starts_with("value parameters"));
        assert!(fault(&format!("a={}", "x".repeat(1025))).starts_with("value a"));
        assert!(fault(&format!("{}=1", "x".repeat(65))).starts_with("value parameters"));
        let many: Vec<String> = (0..201).map(|n| format!("p{n}=1")).collect();
        assert!(fault(&many.join("&")).contains("more than 200"));
        assert!(Params::read("a=1", "a=1").is_err());
    }

    #[test]
    fn numbers_are_whole_and_each_is_there_once() {
        let ids = |text: &str| Params::read(&format!("elid={text}"), "").unwrap().ids("elid");
        for bad in ["0", "-1", "1.0", "x", "1,,2", "1,1", "99999999999999999999", "1;2"] {
            assert!(ids(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (1..=101).map(|n| n.to_string()).collect();
        assert!(ids(&many.join(",")).is_err());
        assert_eq!(ids("").unwrap_err(), Fault::missed("elid"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let params = Params::read("authinfo=admin:secret&auth=abc&x=1", "").unwrap();
        let shown = format!("{params:?}");
        assert!(!shown.contains("secret") && !shown.contains("abc"), "{shown}");
        assert_eq!(params.others(&[]).len(), 1);
    }
}
