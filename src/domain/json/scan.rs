//! One pass over a text, which knows at every moment where it is.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use super::{DEEPEST, LONGEST_EXPONENT, LONGEST_NUMBER, Rule, is_character};

/// The longest key that is shown, in characters.
const LONGEST_SHOWN: usize = 40;
/// The longest number that is shown: nothing personal is written so.
const LONGEST_SHOWN_NUMBER: usize = 20;

/// A step down from the top.
enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

/// A text that is being read.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    path: Vec<Step<'a>>,
}

type Scanned<T = ()> = Result<T, Rule>;

fn unexpected<T>() -> Scanned<T> {
    Err(Rule::Syntax("something else was expected".into()))
}

impl<'a> Scan<'a> {
    pub(super) fn of(text: &'a str) -> Scan<'a> {
        Scan { text, at: 0, path: Vec::new() }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            // Writing to a text cannot fail.
            let _ = match step {
                Step::Index(index) => write!(place, "[{index}]"),
                Step::Key(key) if !is_field(key) => write!(place, "[…]"),
                Step::Key(key) if place.is_empty() => write!(place, "{key}"),
                Step::Key(key) => write!(place, ".{key}"),
            };
        }
        place
    }

    /// The whole of it.
    pub(super) fn document(&mut self) -> Scanned {
        if self.text.starts_with('\u{feff}') {
            return Err(Rule::ByteOrderMark);
        }
        self.value()?;
        match self.next_token() {
            None => Ok(()),
            Some(_) => unexpected(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The first byte after white space.
    fn next_token(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.peek()
    }

    fn expect(&mut self, byte: u8) -> Scanned {
        if self.next_token() != Some(byte) {
            return unexpected();
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self) -> Scanned {
        match self.next_token() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => unexpected(),
        }
    }

    fn word(&mut self, word: &str) -> Scanned {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return unexpected();
        }
        self.at += word.len();
        Ok(())
    }

    fn deeper(&mut self, step: Step<'a>) -> Scanned {
        self.path.push(step);
        if self.path.len() > DEEPEST { Err(Rule::Depth) } else { Ok(()) }
    }

    fn array(&mut self) -> Scanned {
        self.at += 1;
        self.deeper(Step::Index(0))?;
        if self.next_token() == Some(b']') {
            self.at += 1;
            self.path.pop();
            return Ok(());
        }
        for index in 0.. {
            if let Some(step) = self.path.last_mut() {
                *step = Step::Index(index);
            }
            self.value()?;
            match self.next_token() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.path.pop();
        self.expect(b']')
    }

    fn object(&mut self) -> Scanned {
        self.at += 1;
        self.deeper(Step::Key(Cow::Borrowed("")))?;
        if self.next_token() == Some(b'}') {
            self.at += 1;
            self.path.pop();
            return Ok(());
        }
        let mut keys = HashSet::new();
        loop {
            if self.next_token() != Some(b'"') {
                return unexpected();
            }
            let key = self.string()?;
            if let Some(step) = self.path.last_mut() {
                *step = Step::Key(key.clone());
            }
            if !keys.insert(key) {
                return Err(Rule::Duplicate);
            }
            self.expect(b':')?;
            self.value()?;
            match self.next_token() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.path.pop();
        self.expect(b'}')
    }

    /// A text, as it is without its escapes.
    fn string(&mut self) -> Scanned<Cow<'a, str>> {
        self.at += 1;
        let (text, from) = (self.text, self.at);
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0x20..=0x7f) => self.at += 1,
                Some(0x80..) => self.character()?,
                Some(_) | None => return unexpected(),
            }
        }
        self.at += 1;
        if !escaped {
            return Ok(Cow::Borrowed(&text[from..self.at - 1]));
        }
        let read = serde_json::from_str(&text[from - 1..self.at]);
        read.map(Cow::Owned).map_err(|error| Rule::Syntax(error.to_string()))
    }

    /// A character that is no ASCII.
    fn character(&mut self) -> Scanned {
        let Some(character) = self.text[self.at..].chars().next() else { return unexpected() };
        if !is_character(character.into()) {
            return Err(Rule::Character(character.into()));
        }
        self.at += character.len_utf8();
        Ok(())
    }

    fn escape(&mut self) -> Scanned {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let code = code_point(&self.text.as_bytes()[self.at - 1..])?;
                if !is_character(code) {
                    return Err(Rule::Character(code));
                }
                self.at += if code > 0xffff { 11 } else { 5 };
                Ok(())
            }
            _ => unexpected(),
        }
    }

    fn number(&mut self) -> Scanned {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.at;
        if self.digits() == 0 || (self.text.as_bytes()[whole] == b'0' && self.at > whole + 1) {
            return unexpected();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return unexpected();
            }
        }
        let mantissa = self.at;
        let mut exponent = 0;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            exponent = self.digits();
            if exponent == 0 {
                return unexpected();
            }
        }
        let text = &self.text[from..self.at];
        if text.len() > LONGEST_NUMBER {
            return Err(Rule::LongNumber(text.len()));
        }
        let zero = !self.text[from..mantissa].bytes().any(|byte| matches!(byte, b'1'..=b'9'));
        let held = text.parse().is_ok_and(|read: f64| read.is_finite() && (zero || read != 0.0));
        if exponent > LONGEST_EXPONENT || !held {
            let shown = text.len() <= LONGEST_SHOWN_NUMBER;
            return Err(Rule::Number(if shown { text.into() } else { "a number".into() }));
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }
}

/// The code point that an escape, or a pair of them, stands for.
pub(super) fn code_point(text: &[u8]) -> Scanned<u32> {
    let first = unit(text)?;
    match first {
        0xd800..=0xdbff => match text.get(6..).map(unit) {
            Some(Ok(second @ 0xdc00..=0xdfff)) => {
                Ok(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            }
            _ => Err(Rule::Surrogate),
        },
        0xdc00..=0xdfff => Err(Rule::Surrogate),
        code => Ok(code),
    }
}

/// The number of an escape `\uXXXX`.
fn unit(text: &[u8]) -> Scanned<u32> {
    match text {
        [b'\\', b'u', digits @ ..] if digits.len() >= 4 => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            let read = digits[..4].iter().try_fold(0, |code, byte| Some(code * 16 + digit(byte)?));
            read.map_or_else(unexpected, Ok)
        }
        _ => unexpected(),
    }
}

/// Whether a key looks like the name of a field, and not like data.
fn is_field(key: &str) -> bool {
    key.len() <= LONGEST_SHOWN
        && key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}
