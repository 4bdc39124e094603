//! What may be said in a request: every parameter of a URL and every field of a body that a vendor's pages have, and what
//! becomes of it. A protocol reads its requests by such a table, and its documentation has the table from here.

use std::fmt::Write;

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
    /// What the vendor's pages have, and what is ours, in groups that places share.
    pub groups: &'static [&'static [Parameter]],
}

impl Place {
    /// Every parameter.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.groups.iter().copied().flatten()
    }

    /// What becomes of a parameter; `None`: there is none of this name.
    pub fn find(&self, name: &str) -> Option<Parameter> {
        self.parameters().find(|(there, _)| *there == name).copied()
    }

    /// The names of those that are honoured.
    pub fn honoured(&self) -> Vec<&'static str> {
        let is_honoured = |(_, of): &&'static Parameter| matches!(of, Use::Honoured(_));
        self.parameters().filter(is_honoured).map(|(name, _)| *name).collect()
    }

    /// The sentence that refuses this name, unless it is honoured.
    pub fn refusal(&self, name: &str) -> Option<String> {
        Some(format!("{}: {}", shown(name), self.rule(name)?))
    }

    /// The same without the name, which may be personal.
    pub fn rule(&self, name: &str) -> Option<String> {
        match (self.find(name), &*self.honoured()) {
            (Some((_, Use::Honoured(_))), _) => None,
            (Some((_, Use::Refused(why))), _) => Some(format!("it is refused: {why}")),
            (None, []) => Some("it is not known here: there are no parameters".to_owned()),
            (None, known) => Some(format!("it is not known here: there are {}", known.join(", "))),
        }
    }
}

/// What a table of requests over HTTP has in its first two columns.
pub const REQUESTS: [&str; 2] = ["request", "parameter or field"];

/// The table of these places as documentation has it, with the headings of its first two columns.
pub fn table<'a>([at, name]: [&str; 2], places: impl IntoIterator<Item = &'a Place>) -> String {
    let mut text = format!("| {at} | {name} | |\n| --- | --- | --- |\n");
    for place in places {
        for (name, of) in place.parameters() {
            let at = place.at;
            // Writing to a text cannot fail.
            let _ = match of {
                Use::Honoured(_) => writeln!(text, "| `{at}` | `{name}` | honoured |"),
                Use::Refused(why) => writeln!(text, "| `{at}` | `{name}` | refused: {why} |"),
            };
        }
    }
    text
}
