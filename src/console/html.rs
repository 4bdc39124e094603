//! What every page is made of: the frame with its links, states, times, amounts, tables.

pub(super) mod fields;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, Render, html};

use super::assets::{CSS, HTMX, HTMX_SSE, ICON, SCRIPT, UPLOT, UPLOT_CSS};
use crate::ops::access::Operator;
use crate::terminal::colour::{self, Tone};

/// A page of the console, as the links on the left name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Tasks,
    Orders,
    Objects,
    Callers,
    Callbacks,
    DeadLetters,
    Processes,
    Journal,
    Audit,
}

/// The links, with their paths; a group begins where the third is true.
const PLACES: [(Place, &str, &str, bool); 10] = [
    (Place::Overview, "Overview", "/", false),
    (Place::Tasks, "Tasks", "/tasks", true),
    (Place::Orders, "Orders", "/orders", false),
    (Place::Objects, "Objects", "/objects", true),
    (Place::Callers, "Callers", "/callers", false),
    (Place::Callbacks, "Callbacks", "/callbacks", false),
    (Place::DeadLetters, "Dead letters", "/dead", false),
    (Place::Processes, "Processes", "/processes", true),
    (Place::Journal, "Journal", "/journal", false),
    (Place::Audit, "Audit", "/audit", false),
];

/// What a page needs beside its own style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// Parts of it change while it is looked at.
    Live,
    /// The same, and it draws charts.
    Charts,
}

/// A page for somebody who is logged in.
pub(super) struct Page<'a> {
    pub(super) place: Place,
    pub(super) title: &'a str,
    pub(super) operator: &'a Operator,
    pub(super) needs: Needs,
}

impl Page<'_> {
    /// The document with this in the middle.
    pub(super) fn with(&self, content: &Markup) -> Markup {
        let Page { place, title, operator, needs } = self;
        html! {
            (DOCTYPE)
            html lang="en" {
                (head(title, *needs))
                body {
                    a.skip href="#content" { "Skip to content" }
                    div.frame {
                        header.side {
                            (brand())
                            (links(*place))
                            (who(operator))
                        }
                        main id="content" { (content) }
                    }
                }
            }
        }
    }
}

/// A page for somebody who is not: a card in the middle.
pub(super) fn plain(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, Needs::Nothing))
            body { main.plain { div.card { (brand()) (content) } } }
        }
    }
}

fn head(title: &str, needs: Needs) -> Markup {
    // Nothing that the policy of contents would refuse: no style of its own, no evaluated text.
    const HTMX_SETTINGS: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyEnabled":false}"#;
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="robots" content="noindex";
            title { (title) " · wsa" }
            link rel="icon" href=(ICON.url()) type="image/svg+xml";
            @if needs == Needs::Charts { link rel="stylesheet" href=(UPLOT_CSS.url()); }
            link rel="stylesheet" href=(CSS.url());
            @if needs != Needs::Nothing {
                meta name="htmx-config" content=(HTMX_SETTINGS);
                script defer src=(HTMX.url()) {}
                script defer src=(HTMX_SSE.url()) {}
            }
            @if needs == Needs::Charts {
                script defer src=(UPLOT.url()) {}
                script defer src=(SCRIPT.url()) {}
            }
        }
    }
}

fn brand() -> Markup {
    html! { div.brand { img src=(ICON.url()) alt="" width="22" height="22"; "wsa" } }
}

fn links(place: Place) -> Markup {
    html! {
        nav aria-label="Pages" {
            ul {
                @for (other, name, path, begins) in PLACES {
                    li.gap[begins] {
                        a href=(path) aria-current=[(other == place).then_some("page")] { (name) }
                    }
                }
            }
        }
    }
}

fn who(operator: &Operator) -> Markup {
    html! {
        div.who {
            div { b { (operator.name) } br; (operator.role.as_str()) }
            form method="post" action="/logout" { button.link type="submit" { "Log out" } }
        }
    }
}

/// A state: its word in its colour.
pub(super) fn state(word: &str) -> Markup {
    html! { span class={ "state " (tone(word)) } { (word) } }
}

/// The colour of a state: `ok`, `info`, `warn`, `bad`, or none for what is neither.
pub(super) fn tone(word: &str) -> &'static str {
    match colour::tone(word) {
        Tone::Ok => "ok",
        Tone::Info => "info",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
        Tone::Plain => "",
    }
}

/// A time as people read it, in UTC.
pub(super) fn time(at: Timestamp) -> Markup {
    let zoned = at.to_zoned(TimeZone::UTC);
    let shown = zoned.strftime("%Y-%m-%d %H:%M:%S").to_string();
    html! { time.t datetime=(at) title={ (shown) " UTC" } { (shown) } }
}

/// The same with milliseconds.
pub(super) fn exact_time(at: Timestamp) -> Markup {
    let zoned = at.to_zoned(TimeZone::UTC);
    let shown = zoned.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let ms = at.subsec_millisecond();
    html! { time.t datetime=(at) { (shown) (format!(".{ms:03}")) } }
}

/// A time that there may not be.
pub(super) fn maybe_time(at: Option<Timestamp>) -> Markup {
    html! { @match at { Some(at) => (time(at)), None => span.muted { "–" } } }
}

/// Something that there may not be.
pub(super) fn maybe(shown: Option<impl Render>) -> Markup {
    html! { @match shown { Some(shown) => (shown), None => span.muted { "–" } } }
}

/// How long something is, in the unit that it is of.
pub(super) fn duration(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms if ms < 60_000.0 => format!("{:.1} s", ms / 1000.0),
        ms if ms < 3_600_000.0 => format!("{:.0} min", ms / 60_000.0),
        ms if ms < 172_800_000.0 => format!("{:.1} h", ms / 3_600_000.0),
        ms => format!("{:.0} days", ms / 86_400_000.0),
    }
}

/// A count, with its thousands apart.
pub(super) fn count(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if count < 0 { format!("−{text}") } else { text }
}

/// So many a second.
pub(super) fn rate(a_second: f64) -> String {
    match a_second {
        0.0 => "0".into(),
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => count(rate.round() as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(count),
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!(count(-12_345), "−12\u{202f}345");
        let shown = [0.4, 12.6, 1500.0, 90_000.0, 7_200_000.0, 400_000_000.0].map(duration);
        assert_eq!(shown, ["0.4 ms", "13 ms", "1.5 s", "2 min", "2.0 h", "5 days"]);
        assert_eq!([0.0, 3.21, 1234.4].map(rate), ["0", "3.2", "1\u{202f}234"]);
    }
}
