//! Task types that the vendor documents and this service has not.

use crate::protocols::whiteserver::reply::{Code, Refusal};

const NAMES: &[&str] = &[
    "ApplyPersonalCard",
    "CorrectIntentReceipt",
    "ExecuteRk7Query",
    "ExecuteSqlQuery",
    "GetActualMenuItems",
    "GetBaseMenuPackage",
    "GetRestaurantConfig",
    "IntentPayOrder",
    "ParkOrder",
    "PushMenuSelectors",
    "RunSqlProc",
    "ServiceGetMultiAgentInfo",
];

/// What the names of whole families begin with; a capital follows.
const FAMILIES: [&str; 2] = ["Sh", "Service"];

/// A type of the vendor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// By its name.
    Name(&'static str),
    /// One of a family, whose names are not listed here.
    Family,
}

/// Which one it is; `None` for a type that nobody has.
pub(super) fn name(task_type: &str) -> Option<Told> {
    if let Some(name) = NAMES.iter().find(|name| **name == task_type) {
        return Some(Told::Name(name));
    }
    let is_of = |family: &str| {
        let rest = task_type.strip_prefix(family);
        rest.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_uppercase())
                && rest.chars().all(|c| c.is_ascii_alphanumeric())
        })
    };
    FAMILIES.into_iter().any(is_of).then_some(Told::Family)
}

/// The refusal of each.
pub(super) fn refused() -> Refusal {
    Refusal::new(
        Code::WsaCommandNotSupported,
        "the restaurant's agent does not support this task: docs/whiteserver.md lists those that it does",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_vendor_has_is_told_from_what_nobody_has() {
        assert_eq!(name("ParkOrder"), Some(Told::Name("ParkOrder")));
        assert_eq!(name("ShGetDocs"), Some(Told::Family));
        assert_eq!(name("ServiceGetLog"), Some(Told::Family));
        for invented in ["Show", "Sh", "Sh-1", "ServiceX!", "parkOrder", "PayOrders", ""] {
            assert_eq!(name(invented), None, "{invented}");
        }
        let served = super::super::request::TASK_TYPES;
        assert!(served.iter().all(|served| name(served).is_none()), "what is done is not refused");
    }
}
