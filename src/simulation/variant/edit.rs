//! Statements as a variant has them.

use std::borrow::Cow;

use super::Variant;

impl Variant {
    /// A statement as this variant has it.
    pub(crate) fn edit<'a>(&self, statement: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(statement);
        for (sound, broken) in self.edits {
            if let Some(whole) = sound.strip_prefix('=') {
                if text == whole {
                    text = Cow::Borrowed(broken);
                }
            } else if text.contains(sound) {
                text = Cow::Owned(text.replace(sound, broken));
            }
        }
        text
    }
}
