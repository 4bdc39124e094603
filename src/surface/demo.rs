//! The demo of a protocol: something to try things on, and what to type.

use std::sync::Arc;

use crate::engine::app::App;

/// A process that a demo is shown on.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Its parts.
    pub app: Arc<App>,
    /// Its address, as clients write it.
    pub url: String,
}

/// What to type to try a protocol.
#[derive(Debug, Default)]
pub struct Instructions {
    /// What a caller proves itself with, when the first line tells it.
    pub token: Option<String>,
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
