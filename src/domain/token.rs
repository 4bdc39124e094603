//! Tokens of aggregators: made here, shown once, kept as a hash.

use rand::RngExt;
use sha2::{Digest, Sha256};

/// SHA-256 of a token. A token has 256 random bits, so a fast hash is enough: there is no dictionary to
/// try, and a slow one would let anybody spend this server's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token as it came over the wire.
    pub fn of(token: &str) -> TokenHash {
        TokenHash(Sha256::digest(token.as_bytes()).into())
    }
}

/// A new token: 64 hex digits.
pub fn generate() -> String {
    hex::encode(rand::rng().random::<[u8; 32]>())
}
