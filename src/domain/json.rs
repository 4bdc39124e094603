//! The one rule for JSON texts that come in, whatever door they come through: what every ordinary reader reads,
//! and reads alike. It is I-JSON (RFC 7493) with limits: no key twice, no half of a surrogate pair, no U+0000 and
//! no noncharacter, no number that a double cannot hold, no byte order mark, nothing nested without end.
//!
//! What one caller writes is handed to others as it is, so it is checked before anything else reads it.

mod repair;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::de::IgnoredAny;

pub use self::repair::repaired;
use self::scan::Scan;

/// Deeper than any request of a protocol; a parser's stack is never asked for more.
pub const DEEPEST: usize = 32;
/// The longest number, in characters.
pub const LONGEST_NUMBER: usize = 64;
/// The most digits of an exponent.
pub const LONGEST_EXPONENT: usize = 3;

/// Which rule a text breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// It is no JSON; why, in a library's words.
    Syntax(String),
    /// It begins with a byte order mark.
    ByteOrderMark,
    /// It is nested more than [`DEEPEST`] levels.
    Depth,
    /// A key is there twice.
    Duplicate,
    /// Half of a surrogate pair.
    Surrogate,
    /// A code point that is no character, or that tables cannot hold.
    Character(u32),
    /// A number that is longer than [`LONGEST_NUMBER`].
    LongNumber(usize),
    /// A number that no double holds.
    Number(String),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place, like `params.order.products[0].id`; empty at the top. Keys that do not look like names of fields
    /// are left out, as they may be personal.
    pub place: String,
    /// The rule.
    pub rule: Rule,
}

impl Fault {
    /// Whether it is no JSON at all.
    pub fn is_syntax(&self) -> bool {
        matches!(self.rule, Rule::Syntax(_))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Syntax(why) => f.write_str(why),
            Rule::ByteOrderMark => {
                f.write_str("it begins with a byte order mark: it must be without one")
            }
            Rule::Depth => {
                write!(f, "nested too deeply: at most {DEEPEST} levels are accepted")
            }
            Rule::Duplicate => f.write_str("the key occurs more than once: it must occur once"),
            Rule::Surrogate => f.write_str(
                "the text holds half of a surrogate pair: both must be there, one after the other",
            ),
            Rule::Character(0) => f.write_str("the text holds U+0000: it must not"),
            Rule::Character(code) => {
                write!(f, "the text holds U+{code:04X}, which is no character: it must not")
            }
            Rule::LongNumber(length) => {
                write!(f, "a number of {length} characters: it must have at most {LONGEST_NUMBER}")
            }
            Rule::Number(text) => write!(
                f,
                "{text} is beyond what readers of JSON hold: it must be a double, its exponent of \
                 at most {LONGEST_EXPONENT} digits"
            ),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" if self.is_syntax() => write!(f, "the body is not JSON: {}", self.rule),
            "" if self.rule == Rule::Depth => write!(f, "the body is {}", self.rule),
            "" => write!(f, "the body: {}", self.rule),
            place => write!(f, "{place}: {}", self.rule),
        }
    }
}

/// Holds a text against the rule. A serde_json reader reads whatever passes, and so does any other.
pub fn check(text: &str) -> Result<(), Fault> {
    let mut scan = Scan::of(text);
    let rule = match scan.document() {
        Ok(()) => return Ok(()),
        // The library says better what it expected.
        Err(Rule::Syntax(ours)) => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Rule::Syntax(ours),
            Err(theirs) => Rule::Syntax(theirs.to_string()),
        },
        Err(rule) => rule,
    };
    let place = match rule {
        Rule::Syntax(_) | Rule::ByteOrderMark | Rule::Depth => String::new(),
        _ => scan.place(),
    };
    Err(Fault { place, rule })
}

/// Whether a code point may be in a text: noncharacters may not (RFC 7493), and no table holds U+0000.
pub(crate) fn is_character(code: u32) -> bool {
    code != 0 && code & 0xfffe != 0xfffe && !(0xfdd0..=0xfdef).contains(&code)
}
