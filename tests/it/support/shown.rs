//! Answers as tests show them: what differs from run to run is replaced by a word for what it is.

use uuid::Uuid;

use super::reference::{AGENT, CARD, CASH, DISCOUNT};

const KNOWN: [(Uuid, &str); 4] =
    [(AGENT, "<agent>"), (CASH, "<cash>"), (CARD, "<card>"), (DISCOUNT, "<discount>")];

/// Replaces guids by `<agent>`, `<cash>` or `<guid 1>`, `<guid 2>`, ... as they first appear, and times
/// by `<time>`.
pub fn shown(text: &str) -> String {
    let mut unknown: Vec<Uuid> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(guid) = rest.get(..36).and_then(|head| Uuid::try_parse(head).ok()) {
            let known = KNOWN.iter().find(|(known, _)| *known == guid);
            match known {
                Some((_, name)) => out.push_str(name),
                None => {
                    let seen = unknown.iter().position(|seen| *seen == guid);
                    let number = seen.unwrap_or_else(|| {
                        unknown.push(guid);
                        unknown.len() - 1
                    });
                    out.push_str(&format!("<guid {}>", number + 1));
                }
            }
            rest = &rest[36..];
        } else if let Some(length) =
            TIMES.into_iter().find(|form| is_time(rest, form)).map(str::len)
        {
            out.push_str("<time>");
            rest = &rest[length..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// How times are written, the longest first; in UTC where they have an offset.
const TIMES: [&str; 3] =
    ["dddd-dd-ddTdd:dd:dd.ddd+00:00", "dddd-dd-ddTdd:dd:dd.dddZ", "dddd-dd-ddTdd:dd:dd"];

fn is_time(text: &str, pattern: &str) -> bool {
    text.get(..pattern.len()).is_some_and(|head| {
        head.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => byte == wanted,
        })
    })
}
