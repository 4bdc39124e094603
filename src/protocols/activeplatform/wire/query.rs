//! The parameters of a query. One that is not understood is refused by its name: a list without its filter, or a
//! payment without its amount, would be taken for what was asked for.

use url::form_urlencoded::parse;

use super::members::field;

/// Parameters, until each is taken by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    left: Vec<(String, String)>,
    understood: Vec<&'static str>,
}

impl Parameters {
    /// Those of a query; each is there once.
    pub fn read(query: &str) -> Result<Parameters, String> {
        let mut left: Vec<(String, String)> = Vec::new();
        for (name, value) in parse(query.as_bytes()) {
            let message = field(&name);
            if left.iter().any(|(before, _)| *before == name) {
                return Err(format!("{message}: this parameter was sent twice. Send it once"));
            }
            if value.contains('\u{fffd}') {
                return Err(format!("{message}: the value is not UTF-8"));
            }
            left.push((name.into_owned(), value.into_owned()));
        }
        Ok(Parameters { left, understood: Vec::new() })
    }

    /// Takes a parameter that is understood here.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        self.understood.push(name);
        let place = self.left.iter().position(|(there, _)| there == name)?;
        Some(self.left.swap_remove(place).1)
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), String> {
        let Some((name, _)) = self.left.first() else { return Ok(()) };
        let known = match &*self.understood {
            [] => "no parameter is".to_owned(),
            names => format!("{} are", names.join(", ")),
        };
        Err(format!("{}: this parameter is not understood here: {known}", field(name)))
    }
}

/// Refuses every parameter.
pub fn none(query: &str) -> Result<(), String> {
    Parameters::read(query)?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_nobody_takes_is_refused_by_its_name() {
        let mut read = Parameters::read("page%5Bsize%5D=2&filter[status]=a+b&x=1").unwrap();
        assert_eq!(read.take("page[size]").as_deref(), Some("2"));
        assert_eq!(read.take("filter[status]").as_deref(), Some("a b"));
        assert_eq!(read.take("sort"), None);
        assert_eq!(
            read.finish().unwrap_err(),
            "x: this parameter is not understood here: page[size], filter[status], sort are"
        );
        for (query, message) in [
            ("amount=5", "amount: this parameter is not understood here: no parameter is"),
            ("amount", "amount: this parameter is not understood"),
            ("+7 900=5", "[…]: this parameter is not understood"),
            ("a=1&a=1", "a: this parameter was sent twice"),
            ("a=%FF", "a: the value is not UTF-8"),
        ] {
            let error = none(query).unwrap_err();
            assert!(error.starts_with(message), "{query}: {error}");
        }
        assert_eq!((none(""), none("&")), (Ok(()), Ok(())));
    }
}
