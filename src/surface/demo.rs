//! The demo of a protocol: something to try things on, and what to type.

use std::sync::Arc;

use crate::engine::store::Store;

/// An installation that a demo is shown on.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Its store.
    pub store: Arc<Store>,
    /// The address of its API, as clients write it.
    pub url: String,
}

/// What to type to try a protocol.
#[derive(Debug, Default)]
pub struct Instructions {
    /// What to type before anything else, and what it does; one protocol has it.
    pub first: Option<String>,
    /// What to type.
    pub text: String,
    /// What to type after everything of the others.
    pub last: String,
}

impl From<String> for Instructions {
    fn from(text: String) -> Instructions {
        Instructions { text, ..Instructions::default() }
    }
}
