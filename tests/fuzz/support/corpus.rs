//! Inputs that are kept: tests/fuzz/corpus/<target>/*, and the words of tests/fuzz/dictionary.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the corpus of a target is.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target)
}
