//! Coverage-guided: libFuzzer decides what comes next.

use super::corpus;

/// Runs until libFuzzer ends the process, by what `scripts/fuzz` told it.
pub(crate) fn run(target: &str, check: &dyn Fn(&[u8])) {
    assert!(corpus(target).is_dir(), "{target} has no corpus");
    let check = std::panic::AssertUnwindSafe(check);
    bolero::check!().for_each(|input: &[u8]| check(input));
}
