//! What a caller sent, as one number: when a task's guid comes again, it is the same request or another one.

use sha2::{Digest, Sha256};

/// SHA-256 of what a caller sent: method, path, query and body as far as they say what is asked for. Nothing of
/// this service's own is in it (settings, defaults, the form in which a request is kept), so that the same
/// request is the same one after a restart with other settings and after an upgrade; and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestDigest(pub [u8; 32]);

impl RequestDigest {
    /// The digest of these parts, of which none can run into its neighbour.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> RequestDigest {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        RequestDigest(digest.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let of = |parts: &[&'static str]| RequestDigest::of(parts.iter().copied());
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        for other in [&["ab"][..], &["b", "a"], &["a", "b", ""], &["", "ab"], &["a"]] {
            assert_ne!(of(&["a", "b"]), of(other), "{other:?}");
        }
    }
}
