//! Checking that a callback comes from the service.
//!
//! A delivery is signed in two ways. [`Verifier::check`] reads the headers of Standard Webhooks, which include the time:
//! use it where you can. [`Verifier::check_plain`] reads `Signature`, as receivers do that were written for the vendor's
//! server; it has no time, so an old delivery can be sent again by whoever has it. Both compare in constant time, and
//! take each secret that the verifier has, so that a rotation loses nothing.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the time of a delivery may be off, unless it is said.
const TOLERANCE: Duration = Duration::from_secs(300);
/// The most signatures of one delivery that are tried.
const MOST_SIGNATURES: usize = 8;

/// What a receiver and the service share: `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret must be whsec_ and base64, as it was shown when the callback was added")]
pub struct InvalidSecret;

/// Checks deliveries.
#[derive(Debug, Clone)]
pub struct Verifier {
    secrets: Vec<Secret>,
    tolerance: Duration,
}

/// A delivery whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The `taskGuid` or `eventGuid` (`webhook-id`): the same in each attempt. Keep those that you have seen.
    pub id: String,
    /// When this attempt was made.
    pub at: SystemTime,
}

/// Why a delivery is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// `webhook-timestamp` is no number of seconds.
    #[error("the header webhook-timestamp is no time in seconds")]
    NoTime,
    /// It was signed too long ago, or in the future.
    #[error("the delivery was signed too long ago, or in the future")]
    NotNow,
    /// No secret made this signature.
    #[error("no signature is right")]
    Wrong,
}

impl Secret {
    /// Reads a secret as it was shown when the callback was added.
    ///
    /// # Errors
    ///
    /// When it is not base64 after `whsec_`, or nothing.
    pub fn parse(text: &str) -> Result<Secret, InvalidSecret> {
        let text = text.trim();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text));
        key.ok().filter(|key| !key.is_empty()).map(Secret).ok_or(InvalidSecret)
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the HMAC-SHA256 of these parts; in constant time.
    fn made(&self, signature: &[u8], parts: &[&[u8]]) -> bool {
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return false };
        parts.iter().for_each(|part| mac.update(part));
        mac.verify_slice(signature).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Verifier {
    /// A verifier that knows this secret.
    pub fn new(secret: Secret) -> Verifier {
        Verifier { secrets: vec![secret], tolerance: TOLERANCE }
    }

    /// The same that takes another secret, too: the old or the new one, while they are rotated.
    pub fn or(mut self, secret: Secret) -> Verifier {
        self.secrets.push(secret);
        self
    }

    /// The same with another bound on how far the time of a delivery may be off; five minutes unless it is said.
    pub fn tolerance(self, tolerance: Duration) -> Verifier {
        Verifier { tolerance, ..self }
    }

    /// Checks `webhook-signature`, `webhook-id` and `webhook-timestamp` of a body, as it was received.
    ///
    /// `header` gives the value of a header by its name in lower case.
    ///
    /// # Errors
    ///
    /// When a header is missing, the time is off, or no signature is right.
    pub fn check<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified, SignatureError> {
        let get = |name: &'static str| header(name).ok_or(SignatureError::Missing(name));
        let (given, id) = (get("webhook-signature")?, get("webhook-id")?);
        let timestamp = get("webhook-timestamp")?;
        // The signature first: who has no secret learns nothing of the clock.
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        let right = given
            .split_ascii_whitespace()
            .take(MOST_SIGNATURES)
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
            .any(|signature| self.any_made(&signature, &parts));
        if !right {
            return Err(SignatureError::Wrong);
        }
        let digits = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
        let seconds = timestamp.parse().ok().filter(|_| digits).ok_or(SignatureError::NoTime)?;
        let at =
            UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(SignatureError::NoTime)?;
        let off = now.duration_since(at).unwrap_or_else(|error| error.duration());
        match off <= self.tolerance {
            true => Ok(Verified { id: id.to_owned(), at }),
            false => Err(SignatureError::NotNow),
        }
    }

    /// Checks `Signature` (and `Signature-Next`, during a rotation) of a body, in base64 or in hex.
    ///
    /// # Errors
    ///
    /// When the header is missing, or no signature is right.
    pub fn check_plain<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let given = header("signature").ok_or(SignatureError::Missing("signature"))?;
        let next = header("signature-next");
        let right = [Some(given), next]
            .into_iter()
            .flatten()
            .flat_map(|text| {
                let text = text.trim();
                [STANDARD.decode(text).ok(), hex::decode(text).ok()]
            })
            .flatten()
            .any(|signature| self.any_made(&signature, &[body]));
        if right { Ok(()) } else { Err(SignatureError::Wrong) }
    }

    fn any_made(&self, signature: &[u8], parts: &[&[u8]]) -> bool {
        self.secrets.iter().any(|secret| secret.made(signature, parts))
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
