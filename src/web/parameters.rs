//! What may be said in a request, as a table: requests are read by it, and the documentation has it from there.

use crate::domain::money::shown;

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It does what it says; a value, as an example.
    Honoured(&'static str),
    /// The request is refused, and the parameter named; why.
    Refused(&'static str),
}

/// A parameter by its name.
pub type Parameter = (&'static str, Use);

/// A kind of request, and what may be said in it.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its method and its path.
    pub at: &'static str,
    /// What the vendor's pages have, and what is ours.
    pub parameters: &'static [Parameter],
}

impl Place {
    /// What becomes of a parameter; `None`: there is none of this name.
    pub fn find(&self, name: &str) -> Option<(&'static str, Use)> {
        self.parameters.iter().find(|(there, _)| *there == name).copied()
    }

    /// The sentence that refuses this name, unless it is honoured.
    pub fn refusal(&self, name: &str) -> Option<String> {
        match self.find(name) {
            Some((_, Use::Honoured(_))) => None,
            Some((name, Use::Refused(why))) => Some(format!("{name}: it is refused: {why}")),
            None => {
                let name = shown(name);
                let honoured = |(name, of): &Parameter| match of {
                    Use::Honoured(_) => Some(*name),
                    Use::Refused(_) => None,
                };
                let there: Vec<&str> = self.parameters.iter().filter_map(honoured).collect();
                Some(match there.as_slice() {
                    [] => format!("{name}: there are no parameters here"),
                    there => {
                        format!("{name}: it is not known here: there are {}", there.join(", "))
                    }
                })
            }
        }
    }
}

/// The table of these places, with the headings of its first two columns.
pub fn table(heading: [&str; 2], places: impl Iterator<Item = Place>) -> String {
    let [at, name] = heading;
    let mut text = format!("| {at} | {name} | |\n| --- | --- | --- |\n");
    for place in places {
        for (name, of) in place.parameters {
            let of = match of {
                Use::Honoured(_) => "honoured".to_owned(),
                Use::Refused(why) => format!("refused: {why}"),
            };
            text.push_str(&format!("| `{}` | `{name}` | {of} |\n", place.at));
        }
    }
    text
}
