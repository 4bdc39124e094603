//! One text of a pass for both databases, and for one object or all.
//!
//! | in the text | becomes |
//! | --- | --- |
//! | `{of o.object_id}` | `o.object_id = 7`, or `true` when nothing is narrowed to an object |
//! | `{whole}` | whether nothing is narrowed, for rows that are of no object |
//! | `{kopecks o.paid}` | an amount as whole kopecks |
//! | `{ago retention}` | the time before which a task may have been forgotten, by the database's clock |
//! | `{ago mail}` | the same of a letter's task or event |
//! | `{ago grace}` | the time before which something should long have happened |
//! | `{grace}` | how late that is at most, in seconds |

use super::run::Terms;

/// How late a sweeper, a worker that was stopped in the middle of a batch, or its transaction may be, in seconds.
pub(super) const GRACE_S: i64 = 120;

/// The text for PostgreSQL or SQLite.
pub(super) fn expand(body: &str, terms: &Terms, postgres: bool) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, marked)) = rest.split_once('{') {
        let (mark, after) = marked.split_once('}').unwrap_or((marked, ""));
        text.push_str(before);
        text.push_str(&meaning(mark, terms, postgres));
        rest = after;
    }
    text.push_str(rest);
    text
}

fn meaning(mark: &str, terms: &Terms, postgres: bool) -> String {
    let (word, what) = mark.split_once(' ').unwrap_or((mark, ""));
    match (word, terms.object) {
        ("of", Some(object)) => format!("{what} = {object}"),
        ("of", None) => "true".to_owned(),
        ("whole", object) => object.is_none().to_string(),
        ("grace", _) => GRACE_S.to_string(),
        ("kopecks", _) if postgres => format!("(({what}) * 100)::bigint"),
        ("kopecks", _) => format!("({what})"),
        ("ago", _) => {
            let seconds = match what {
                "retention" => terms.retention_s,
                "mail" => terms.mail_s,
                _ => GRACE_S,
            };
            // A sub-select, so that the clock is read once.
            format!("(SELECT wsa_after(wsa_now(), -{seconds}))")
        }
        _ => format!("{{{mark}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::ObjectId;

    #[test]
    fn one_text_is_for_both_databases_and_for_one_object_or_all() {
        let terms = |object| Terms { object, retention_s: 5, mail_s: 6, examples: 3 };
        let body =
            "SELECT {kopecks sum(o.paid)} WHERE {of o.object_id} AND {whole} AND x < {ago mail}";
        assert_eq!(
            expand(body, &terms(None), true),
            "SELECT ((sum(o.paid)) * 100)::bigint WHERE true AND true AND x < (SELECT \
             wsa_after(wsa_now(), -6))"
        );
        assert_eq!(
            expand(body, &terms(Some(ObjectId(7))), false),
            "SELECT (sum(o.paid)) WHERE o.object_id = 7 AND false AND x < (SELECT \
             wsa_after(wsa_now(), -6))"
        );
    }
}
