//! What is told of names that are used up.

use crate::domain::task::Outcome;

/// What is told of a name that is used up, in each protocol's form. Without an outcome it may also be the guid of
/// an order.
pub fn used(name: &str, outcome: Option<Outcome>) -> String {
    let before = match outcome {
        Some(outcome) => format!(
            "{name} was used before, and the answer of its task is kept no longer (outcome: {})",
            outcome.as_str()
        ),
        None => format!("{name} belongs to an order, or to a task whose answer is kept no longer"),
    };
    format!(
        "{before}: what was done stays done, and this request was not accepted; look before you ask \
         again, with a new name"
    )
}
