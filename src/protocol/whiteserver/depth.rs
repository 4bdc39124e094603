//! How deeply a JSON text is nested, before anything parses it.

/// Deeper than any request of the protocol; a parser's stack is never asked for more.
pub(super) const DEEPEST: usize = 32;

/// Whether arrays and objects are nested more than [`DEEPEST`] levels. The text need not be valid.
pub(super) fn too_deep(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_only_outside_of_strings() {
        assert!(!too_deep(&"[".repeat(DEEPEST)));
        assert!(too_deep(&"[".repeat(DEEPEST + 1)));
        assert!(too_deep(&format!("{}{}", r#"{"a":"#.repeat(20), "[".repeat(20))));
        assert!(!too_deep(&format!(r#""\"{}""#, "[".repeat(100))));
        assert!(!too_deep(&"[]".repeat(100)));
    }
}
