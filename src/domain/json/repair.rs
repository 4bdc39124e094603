//! Texts that were accepted before there was a rule for them, made readable for those they are handed to.

use std::borrow::Cow;

use super::scan::code_point;
use super::{LONGEST_EXPONENT, LONGEST_NUMBER, is_character};

/// What stands where no character is.
const REPLACEMENT: &str = "\\ufffd";

/// The same JSON text, readable for everybody: instead of half of a surrogate pair, of U+0000 and of noncharacters
/// stands U+FFFD, and a number beyond a double becomes a text. All else stays byte for byte; a key that is there
/// twice stays, as readers take one of the two.
pub fn repaired(json: &str) -> Cow<'_, str> {
    if super::check(json).is_ok() {
        return Cow::Borrowed(json);
    }
    let (mut out, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string(rest, &mut out),
            '-' | '0'..='9' => number(rest, &mut out),
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// Copies a text with its quotes; gives how long it is.
fn string(json: &str, out: &mut String) -> usize {
    out.push('"');
    let mut at = 1;
    while let Some(character) = json[at..].chars().next() {
        let code = u32::from(character);
        let (length, kept) = match character {
            '"' => {
                out.push('"');
                return at + 1;
            }
            '\\' if json[at + 1..].starts_with('u') => match code_point(&json.as_bytes()[at..]) {
                Ok(code) => (if code > 0xffff { 12 } else { 6 }, is_character(code)),
                Err(_) => (json.len().min(at + 6) - at, false),
            },
            '\\' => (1 + json[at + 1..].chars().next().map_or(0, char::len_utf8), true),
            _ => (character.len_utf8(), is_character(code)),
        };
        match (kept, json.get(at..at + length)) {
            (true, Some(text)) => out.push_str(text),
            (_, None) => return json.len(),
            (false, _) => out.push_str(REPLACEMENT),
        }
        at += length;
    }
    json.len()
}

/// Copies a number, as a text when no double holds it; gives how long it is.
fn number(json: &str, out: &mut String) -> usize {
    let part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let length = json.bytes().take_while(|byte| part(*byte)).count();
    let text = &json[..length];
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let zero = !mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    let held = text.parse().is_ok_and(|read: f64| read.is_finite() && (zero || read != 0.0));
    let short = exponent.trim_start_matches(['+', '-']).len() <= LONGEST_EXPONENT;
    if held && short && length <= LONGEST_NUMBER {
        out.push_str(text);
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
    length
}
