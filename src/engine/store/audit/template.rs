//! One text of a pass for both databases, and for one object or all.
//!
//! | in the text | becomes |
//! | --- | --- |
//! | `{of o.object_id}` | `o.object_id = 7`, or `true` when nothing is narrowed to an object |
//! | `{whole}` | whether nothing is narrowed, for rows that are of no object |
//! | `{kopecks o.paid}` | an amount as whole kopecks |
//! | `{guid t.task_guid}` | a guid as it is written |
//! | `{digits t.task_guid}` | its 32 digits |
//! | `{named c.request params taskGuid}` | the digits of a guid that is a text in a JSON document, in whichever form, by its path |
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
        ("guid", _) if place.postgres => format!("({what})::text"),
        ("guid", _) => {
            let part = |from: usize, long: usize| format!("substr(hex({what}), {from}, {long})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            format!("lower({})", parts.join(" || '-' || "))
        }
        ("digits", _) if place.postgres => format!("replace(({what})::text, '-', '')"),
        ("digits", _) => format!("lower(hex({what}))"),
        ("named", _) => named(what, place.postgres),
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

/// `column name name` as the digits of the guid at that path, which may have hyphens, braces or a prefix.
fn named(what: &str, postgres: bool) -> String {
    let mut words = what.split(' ');
    let column = words.next().unwrap_or_default();
    let path: Vec<&str> = words.collect();
    let text = match postgres {
        // Not jsonb: a text may have in it what that does not take.
        true => format!("({column}::json #>> '{{{}}}')", path.join(",")),
        false => format!("json_extract({column}, '$.{}')", path.join(".")),
    };
    let forms = ["urn:uuid:", "{", "}", "-"];
    forms
        .iter()
        .fold(format!("lower({text})"), |text, form| format!("replace({text}, '{form}', '')"))
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
        let body =
            "SELECT {guid t.task_guid}, {digits t.task_guid}, {named c.request params taskGuid}";
        assert_eq!(
            expand(body, &terms(None), &postgres),
            "SELECT (t.task_guid)::text, replace((t.task_guid)::text, '-', ''), \
             replace(replace(replace(replace(lower((c.request::json #>> '{params,taskGuid}')), \
             'urn:uuid:', ''), '{', ''), '}', ''), '-', '')"
        );
        let sqlite = expand(body, &terms(None), &sqlite);
        assert!(
            sqlite.starts_with("SELECT lower(substr(hex(t.task_guid), 1, 8) || '-'"),
            "{sqlite}"
        );
        assert!(sqlite.contains("lower(json_extract(c.request, '$.params.taskGuid'))"), "{sqlite}");
    }
}
