//! What the forms of all pages have in common: each comes from this console, from somebody who is logged in, with a
//! reason; what it did is said on the page that it leads back to.

use axum::body::Body;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};

use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::{Needs, Page, Place};
use crate::console::respond::{Failure, own_origin, page};
use crate::engine::store::journal::Via;
use crate::ops::access::{Operator, Role};
use crate::ops::actions::Acting;
use crate::ops::problem::Problem;

/// Somebody who sent a form.
pub(super) struct Sender {
    pub(super) operator: Operator,
    pub(super) form: Form,
}

impl Sender {
    /// Reads a form. Its fields are `reason` and these.
    pub(super) async fn of(
        console: &Console,
        headers: &HeaderMap,
        uri: &Uri,
        body: Body,
        fields: &[&str],
    ) -> Result<Sender, Failure> {
        own_origin(headers)?;
        let operator = operator(console, headers, uri).await?;
        let form = Form::of_body(headers, body).await?;
        let known: Vec<&str> = fields.iter().copied().chain(["reason"]).collect();
        form.only(&known)?;
        Ok(Sender { operator, form })
    }

    /// The same, of a form whose one field may be there several times.
    pub(super) async fn of_several(
        console: &Console,
        headers: &HeaderMap,
        uri: &Uri,
        body: Body,
        field: &str,
    ) -> Result<Sender, Failure> {
        own_origin(headers)?;
        let operator = operator(console, headers, uri).await?;
        let form = Form::of_body(headers, body).await?;
        form.without(field).only(&["reason"])?;
        Ok(Sender { operator, form })
    }

    /// What it is about to do, if its role lets it.
    pub(super) fn acting<'a>(
        &self,
        console: &'a Console,
        needed: Role,
    ) -> Result<Acting<'a>, Problem> {
        let reason = self.form.get("reason").unwrap_or_default();
        Acting::begin(&console.ops, (&self.operator, Via::Console), needed, reason)
    }
}

/// What was done, as the address of the page after it says by a word.
const DONE: &[(&str, &str)] = &[
    ("cancelled", "The task is cancelled: it was not executed, and never will be."),
    ("overdue", "Its deadline was over already: the task is answered Timeout."),
    (
        "paused",
        "The object is paused: its tasks are accepted and wait; each is still answered by its deadline.",
    ),
    ("resumed", "The object goes on: what waits is published again within half a minute."),
    ("on", "The callback is switched on."),
    ("off", "The callback is switched off: nothing is posted to it; what waits stays."),
    ("replayed", "What was chosen is put in once more, and posted with the next round."),
    ("letters", "The dead letters are replayed: their last column says when."),
    ("withdrawn", "The licence is withdrawn. Tasks that were accepted before keep their answers."),
    ("audit", "The audit has begun: this page shows what it finds."),
];

/// Says what was done, and where it is written down.
pub(super) fn done(form: &Form) -> Markup {
    let said = form.get("done").and_then(|word| DONE.iter().find(|(of, _)| *of == word));
    html! {
        @if let Some((_, sentence)) = said {
            div.message.ok id="done" role="status" {
                p { (sentence) " " a href="/journal" { "The journal has it." } }
            }
        }
    }
}

/// Shows a secret, this once.
pub(super) fn shown_once(
    operator: &Operator,
    place: Place,
    what: &str,
    secret: &str,
    back: &str,
) -> Response {
    let content = html! {
        div.head { h1 { (what) } }
        div.message.warn { p { "It is shown this once: copy it now. Only its hash, or what signs with it, is kept." } }
        pre id="secret" { (secret) }
        p { a href=(back) { "Back" } }
    };
    page(&Page { place, title: what, operator, needs: Needs::Nothing }.with(&content))
}
