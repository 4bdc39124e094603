//! What events tell, and who wants which of them.

use std::fmt;
use std::str::FromStr;

use crate::domain::string_enum::string_enum;

/// What an event tells of an order. Of two events of one change the first of these comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// That something about it changed; it has the whole order.
    OrderChanged,
    /// That it stands elsewhere; it has no more than where that is.
    OrderStatusChanged,
}

string_enum!(EventType {
    OrderChanged = "OrderChanged",
    OrderStatusChanged = "OrderStatusChanged",
});

/// The types of events that a subscription takes; none is possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventTypes {
    /// Changes of orders.
    pub changes: bool,
    /// Changes of where orders stand.
    pub statuses: bool,
}

impl EventTypes {
    /// No event at all.
    pub const NONE: EventTypes = EventTypes { changes: false, statuses: false };
    /// What a subscription for events takes while nothing else is said.
    pub const USUAL: EventTypes = EventTypes { changes: true, statuses: false };

    /// Whether events of a type are among them.
    pub fn has(self, event_type: EventType) -> bool {
        match event_type {
            EventType::OrderChanged => self.changes,
            EventType::OrderStatusChanged => self.statuses,
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self == EventTypes::NONE
    }

    /// Each of them, by its name.
    pub fn names(self) -> Vec<&'static str> {
        let all = EventType::ALL.iter().filter(|event_type| self.has(**event_type));
        all.map(|event_type| event_type.as_str()).collect()
    }
}

impl fmt::Display for EventTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(","))
    }
}

/// Names with commas between them, at least one.
impl FromStr for EventTypes {
    type Err = String;

    fn from_str(text: &str) -> Result<EventTypes, String> {
        let mut types = EventTypes::NONE;
        for name in text.split(',') {
            match name.trim().parse()? {
                EventType::OrderChanged => types.changes = true,
                EventType::OrderStatusChanged => types.statuses = true,
            }
        }
        Ok(types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_with_commas_between_them_and_an_unknown_one_is_named() {
        let both = EventTypes { changes: true, statuses: true };
        for (text, types) in [
            ("OrderChanged", EventTypes::USUAL),
            ("OrderStatusChanged", EventTypes { changes: false, statuses: true }),
            ("OrderStatusChanged, OrderChanged", both),
        ] {
            assert_eq!(text.parse(), Ok(types));
            assert_eq!(types.to_string().parse(), Ok(types));
        }
        for text in ["", "OrderChanged,", "OrderChanged,OrderPaid", "orderchanged"] {
            let error = text.parse::<EventTypes>().unwrap_err();
            assert!(error.ends_with(" is none of: OrderChanged, OrderStatusChanged"), "{error}");
        }
        assert_eq!(
            "OrderChanged,OrderPaid".parse::<EventTypes>(),
            Err("\"OrderPaid\" is none of: OrderChanged, OrderStatusChanged".into())
        );
    }
}
