//! What differs between two readings of the settings.

use std::collections::BTreeSet;

use super::layers::Layers;

/// A setting whose value differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `section.key`.
    pub name: String,
    /// What it was, as a file has it; passwords are `***`.
    pub from: String,
    /// What it is.
    pub to: String,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Change { name, from, to } = self;
        // Of a password neither is shown.
        match from == to {
            true => write!(f, "{name}"),
            false => write!(f, "{name} from {from} to {to}"),
        }
    }
}

impl Layers {
    /// What another reading has otherwise, in the order of the alphabet.
    pub fn changes(&self, other: &Layers) -> Vec<Change> {
        let names: BTreeSet<String> = self.names().into_iter().chain(other.names()).collect();
        let text = |layers: &Layers, name: &str| layers.value(name).map(ToString::to_string);
        let shown = |layers: &Layers, name: &str| {
            layers.shown_value(name).unwrap_or_else(|| "unset".to_owned())
        };
        let changed = names.into_iter().filter(|name| text(self, name) != text(other, name));
        let change = |name: String| {
            let (from, to) = (shown(self, &name), shown(other, &name));
            Change { name, from, to }
        };
        changed.map(change).collect()
    }
}
