//! Writing answers: of tasks as they are stored, and of those for each caller.

use super::document::Element;
use super::words;
use crate::domain::task::{ClaimedTask, Undone};
use crate::engine::protocol::Refusal;
use crate::protocols::billmanager::command::{Answered, Fault, FaultKind, Lang, Ordered};

/// What the error of a cancelled task is about. The protocol's own kinds all blame the request or whoever sent it, and a
/// program that knows them would blame its user: so the kind is the general one, and this says what became of it.
pub const CANCELLED: &str = "cancelled";

fn cancelled() -> Fault {
    Fault { kind: FaultKind::Failed, object: Some(CANCELLED.to_owned()), msg: words::cancelled() }
}

/// What a task that was not carried out is answered.
pub fn undone(task: &ClaimedTask, why: Undone) -> Answered {
    let (kind, msg) = match why {
        Undone::TimedOut => {
            let deadline = task.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
            (FaultKind::Timeout, words::timed_out(&deadline, task.paused))
        }
        Undone::Failed => (FaultKind::Failed, words::failed()),
        // No function of this protocol cancels a task; its operator may.
        Undone::Cancelled => return Answered::Refused(cancelled()),
    };
    Answered::Refused(Fault { kind, object: None, msg })
}

/// The answer of a task, as it is stored: a tree is made of it for whoever reads it, in its language.
pub fn write(answered: &Answered) -> String {
    // Numbers and texts: nothing that cannot be written.
    serde_json::to_string(answered).unwrap_or_default()
}

/// Why a task was not done, by its answer as it is stored.
pub fn read_refusal(answer: &str) -> Option<Refusal> {
    match serde_json::from_str(answer).ok()? {
        Answered::Refused(Fault { kind, object, msg }) => {
            let kind = kind.as_str();
            let code = object.map_or_else(|| kind.into(), |object| format!("{kind}({object})"));
            Some(Refusal { code, message: msg.en })
        }
        Answered::Added(_) | Answered::Ordered(_) | Answered::Done => None,
    }
}

/// What a task came to, in the caller's language.
pub fn elements(answered: &Answered, lang: Lang) -> Vec<Element> {
    match answered {
        Answered::Added(item) => vec![line_item(*item)],
        Answered::Done => vec![Element::new("ok")],
        Answered::Refused(fault) => vec![error(fault, lang)],
        Answered::Ordered(ordered) => self::ordered(ordered),
    }
}

fn line_item(item: i64) -> Element {
    Element::text("lineitem.id", item)
}

fn ordered(ordered: &Ordered) -> Vec<Element> {
    let saved = |name: &str, number: i64| Element::text(name, number).with("saveoutput", "yes");
    let mut elements: Vec<Element> = ordered.item.map(line_item).into_iter().collect();
    elements.push(saved("billorder", ordered.order));
    elements.extend(ordered.payment.map(|payment| saved("payment_id", payment)));
    elements.extend(ordered.link.as_ref().map(|link| {
        let back = format!("func=cartorder&elid={}", ordered.order);
        Element::text("ok", link).with("type", "blank").with("on_blank_redirect_action", back)
    }));
    elements
}

/// An error.
pub fn error(fault: &Fault, lang: Lang) -> Element {
    let error = Element::new("error").with("type", fault.kind);
    let error = match &fault.object {
        Some(object) => error.with("object", object),
        None => error,
    };
    error.with("lang", lang).child(Element::text("msg", fault.msg.of(lang)))
}
