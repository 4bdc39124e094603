//! Every parameter of a URL and every field of a body that the vendor's pages have, and what becomes of it. A request is
//! read by this table, and the documentation has it from here.

mod bodies;
mod given;
mod urls;

pub use self::bodies::*;
pub use self::given::{Given, LARGEST_PAGE, LAST_PAGE, MOST_TICKETS_SHOWN, PAGE, moment};
pub use self::urls::*;

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
                let name = crate::domain::money::shown(name);
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

/// The table, as the documentation has it.
pub fn table() -> String {
    let mut text = String::from("| request | parameter or field | |\n| --- | --- | --- |\n");
    for place in URLS.iter().chain(BODIES) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../docs/ticketscloud-parameters.md");
        assert!(page.contains(&table()), "docs/ticketscloud-parameters.md must have:\n{}", table());
    }

    #[test]
    fn what_is_not_honoured_is_named() {
        assert_eq!(EVENTS.refusal("org"), None);
        let refused = EVENTS.refusal("filter").unwrap();
        assert!(refused.starts_with("filter: it is refused: "), "{refused}");
        let unknown = EVENTS.refusal("colour").unwrap();
        assert!(unknown.starts_with("colour: it is not known here: there are "), "{unknown}");
    }
}
