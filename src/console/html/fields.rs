//! Fields of forms, buttons that act, and links between the pages of a list.

use maud::{Markup, Render, html};

use crate::console::form::Form;

/// A field of a filter, with what was filled in.
pub(in crate::console) fn text(form: &Form, name: &str, label: &str, class: &str) -> Markup {
    html! {
        label { (label)
            input class=(class) type="text" name=(name) value=[form.get(name)] autocomplete="off" spellcheck="false";
        }
    }
}

/// An amount exactly, or between two.
pub(in crate::console) fn amounts(form: &Form) -> Markup {
    html! {
        (text(form, "amount", "Amount", "amount"))
        (text(form, "amountFrom", "or from", "amount"))
        (text(form, "amountTo", "to", "amount"))
    }
}

/// A moment, in UTC.
pub(in crate::console) fn moment(form: &Form, name: &str, label: &str) -> Markup {
    html! {
        label { (label) " (UTC)" input type="datetime-local" name=(name) value=[form.get(name)]; }
    }
}

/// One of several words, or none.
pub(in crate::console) fn choice(
    form: &Form,
    name: &str,
    label: &str,
    words: impl IntoIterator<Item = (impl AsRef<str>, impl Render)>,
) -> Markup {
    let chosen = form.get(name);
    html! {
        label { (label)
            select name=(name) {
                option value="" { "any" }
                @for (word, shown) in words {
                    option value=(word.as_ref()) selected[chosen == Some(word.as_ref())] { (shown) }
                }
            }
        }
    }
}

/// The link to the next page of a list, and that to its first one.
pub(in crate::console) fn pages(
    path: &str,
    form: &Form,
    shown: usize,
    next: Option<&str>,
) -> Markup {
    html! {
        div.pages {
            span { (shown) " shown" }
            @if form.get("cursor").is_some() {
                a href={ (path) "?" (form.query_with("cursor", "")) } { "First page" }
            }
            @if let Some(next) = next {
                a.button rel="next" href={ (path) "?" (form.query_with("cursor", next)) } { "Next page" }
            }
        }
    }
}

/// Something that an operator can do: opens to a form that asks why.
pub(in crate::console) struct Act<'a> {
    /// What is on the button.
    pub(in crate::console) name: &'a str,
    /// Where the form goes.
    pub(in crate::console) path: &'a str,
    /// What it does, in a sentence.
    pub(in crate::console) what: &'a str,
    /// Whether it cannot be taken back.
    pub(in crate::console) danger: bool,
    /// Names and values that go with it.
    pub(in crate::console) hidden: &'a [(&'a str, &'a str)],
}

impl Render for Act<'_> {
    fn render(&self) -> Markup {
        let Act { name, path, what, danger, hidden } = self;
        html! {
            details.act {
                summary { (name) }
                form method="post" action=(path) {
                    p.small.muted { (what) }
                    @for (name, value) in *hidden { input type="hidden" name=(name) value=(value); }
                    div.row {
                        label { "Reason, for the journal"
                            input type="text" name="reason" required maxlength="500" autocomplete="off";
                        }
                        button type="submit" class=(if *danger { "danger" } else { "main" }) { (name) }
                    }
                }
            }
        }
    }
}
