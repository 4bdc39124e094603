//! One text of a pass for both databases, and for one object or all.
//!
//! | in the text | becomes |
//! | --- | --- |
//! | `{of o.object_id}` | `o.object_id = 7`, or `true` when nothing is narrowed to an object |
//! | `{whole}` | whether nothing is narrowed, for rows that are of no object |
//! | `{kopecks o.paid}` | an amount as whole kopecks |
//! | `{ago retention}` | the time before which a task may have been forgotten, counted from the moment that is read |
//! | `{ago mail}` | the same of a notification's task or event |
//! | `{ago grace}` | the time before which something should long have happened |
//! | `{grace}` | how late that is at most, in seconds |

use jiff::Timestamp;

use super::run::Terms;

/// How late a sweeper, a worker that was stopped in the middle of a batch, or its transaction may be, in seconds.
pub(super) const GRACE_S: i64 = 120;

/// What a text is for.
pub(super) struct Place {
    /// PostgreSQL, or else SQLite.
    pub(super) postgres: bool,
    /// The moment that is read. The clock goes on while an audit takes its time, what is read does not.
    pub(super) moment: Timestamp,
}

/// The text for this place.
pub(super) fn expand(body: &str, terms: &Terms, place: &Place) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, marked)) = rest.split_once('{') {
        let (mark, after) = marked.split_once('}').unwrap_or((marked, ""));
        text.push_str(before);
        text.push_str(&meaning(mark, terms, place));
        rest = after;
    }
    text.push_str(rest);
    text
}

fn meaning(mark: &str, terms: &Terms, place: &Place) -> String {
    let (word, what) = mark.split_once(' ').unwrap_or((mark, ""));
    match (word, terms.object) {
        ("of", Some(object)) => format!("{what} = {object}"),
        ("of", None) => "true".to_owned(),
        ("whole", object) => object.is_none().to_string(),
        ("grace", _) => GRACE_S.to_string(),
        ("kopecks", _) if place.postgres => format!("(({what}) * 100)::bigint"),
        ("kopecks", _) => format!("({what})"),
        ("ago", _) => {
            let seconds = match what {
                "retention" => terms.retention_s,
                "mail" => terms.mail_s,
                _ => GRACE_S,
            };
            let moment = match place.postgres {
                true => format!("'{}'::timestamptz", place.moment),
                false => place.moment.as_microsecond().to_string(),
            };
            format!("wsa_after({moment}, -{seconds})")
        }
        _ => format!("{{{mark}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::ObjectId;

    #[test]
    fn one_text_is_for_both_databases_and_for_one_object_or_all() {
        let terms = |object| Terms { object, retention_s: 5, mail_s: 6, examples: 3 };
        let moment = Timestamp::from_microsecond(1_500_000).unwrap();
        let [postgres, sqlite] = [true, false].map(|postgres| Place { postgres, moment });
        let body =
            "SELECT {kopecks sum(o.paid)} WHERE {of o.object_id} AND {whole} AND x < {ago mail}";
        assert_eq!(
            expand(body, &terms(None), &postgres),
            "SELECT ((sum(o.paid)) * 100)::bigint WHERE true AND true AND x < \
             wsa_after('1970-01-01T00:00:01.5Z'::timestamptz, -6)"
        );
        assert_eq!(
            expand(body, &terms(Some(ObjectId(7))), &sqlite),
            "SELECT (sum(o.paid)) WHERE o.object_id = 7 AND false AND x < wsa_after(1500000, -6)"
        );
    }
}
