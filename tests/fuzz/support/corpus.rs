//! Inputs that are kept.

use std::path::{Path, PathBuf};

/// Where those of a target are.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target)
}
