//! What a receiver knows a delivery by: `Signature`, as White Server clients expect it, and the headers
//! of Standard Webhooks.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::Sha256;

/// The HMAC-SHA256 of the body, as the callback's [`SignatureForm`] has it.
pub const SIGNATURE: &str = "signature";
/// The same with the new secret, while the old one is still valid.
pub const SIGNATURE_NEXT: &str = "signature-next";
/// The guid of the task or event; the same in every attempt.
pub const ID: &str = "webhook-id";
/// When this attempt was made, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// `v1,<base64>` for each secret that is valid.
pub const STANDARD_SIGNATURE: &str = "webhook-signature";

/// How the header `Signature` is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignatureForm {
    /// The base64 of its 32 bytes, as the vendor's receivers check it.
    #[default]
    Base64,
    /// Lower-case hex, as earlier versions wrote it.
    Hex,
}

crate::domain::string_enum::string_enum!(SignatureForm { Base64 = "base64", Hex = "hex" });

impl SignatureForm {
    fn write(self, signature: Vec<u8>) -> String {
        match self {
            SignatureForm::Base64 => STANDARD.encode(signature),
            SignatureForm::Hex => hex::encode(signature),
        }
    }
}

/// What an aggregator and this service share. Written as `whsec_<base64>`, and only when it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// 32 random bytes.
    pub fn generate() -> Secret {
        Secret(rand::rng().random::<[u8; 32]>().to_vec())
    }

    /// As the store keeps it.
    pub fn from_bytes(bytes: Vec<u8>) -> Secret {
        Secret(bytes)
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The form in which it is shown, once.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.0))
    }

    fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Vec::new() };
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    }

    fn plain(&self, form: SignatureForm, body: &str) -> String {
        form.write(self.sign(&[body.as_bytes()]))
    }

    fn standard(&self, id: &str, timestamp: &str, body: &str) -> String {
        let parts = [id, ".", timestamp, ".", body].map(str::as_bytes);
        format!("v1,{}", STANDARD.encode(self.sign(&parts)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secrets that are valid at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The newest.
    pub current: Secret,
    /// The one before, until its time is over.
    pub old: Option<Secret>,
    /// How `Signature` is written.
    pub form: SignatureForm,
}

impl Secrets {
    /// The headers of one attempt to deliver `body`.
    ///
    /// While two secrets are valid `Signature` stays with the old one, so that a receiver which knows
    /// only one never sees a signature it cannot check; one that follows Standard Webhooks tries both.
    pub fn headers(&self, id: &str, timestamp_s: i64, body: &str) -> Vec<(&'static str, String)> {
        let timestamp = timestamp_s.to_string();
        let mut standard = self.current.standard(id, &timestamp, body);
        let mut headers = Vec::with_capacity(5);
        match &self.old {
            None => headers.push((SIGNATURE, self.current.plain(self.form, body))),
            Some(old) => {
                headers.push((SIGNATURE, old.plain(self.form, body)));
                headers.push((SIGNATURE_NEXT, self.current.plain(self.form, body)));
                standard = format!("{standard} {}", old.standard(id, &timestamp, body));
            }
        }
        headers.push((STANDARD_SIGNATURE, standard));
        headers.push((ID, id.to_owned()));
        headers.push((TIMESTAMP, timestamp));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID_OF_SPEC: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &str = r#"{"test": 2432232314}"#;

    fn secret_of_spec() -> Secret {
        Secret(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap())
    }

    fn of<'a>(headers: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
        headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_its_libraries_do() {
        let secrets = Secrets { current: secret_of_spec(), old: None, form: SignatureForm::Base64 };
        let headers = secrets.headers(ID_OF_SPEC, 1_614_265_330, BODY);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(of(&headers, STANDARD_SIGNATURE), Some(expected));
        assert_eq!(of(&headers, ID), Some(ID_OF_SPEC));
        assert_eq!(of(&headers, TIMESTAMP), Some("1614265330"));
        assert_eq!(of(&headers, SIGNATURE_NEXT), None);
    }

    #[test]
    fn the_plain_signature_is_the_hmac_of_the_body_in_base64_or_hex() {
        // RFC 4231, test case 2.
        let secret = Secret(b"Jefe".to_vec());
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = "what do ya want for nothing?";
        assert_eq!(secret.plain(SignatureForm::Hex, body), expected);
        let expected = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        assert_eq!(secret.plain(SignatureForm::Base64, body), expected);
        for (form, expected) in [(SignatureForm::Base64, expected.len()), (SignatureForm::Hex, 64)]
        {
            let secrets = Secrets { current: secret.clone(), old: None, form };
            let headers = secrets.headers(ID_OF_SPEC, 7, body);
            assert_eq!(of(&headers, SIGNATURE).unwrap().len(), expected);
        }
    }

    #[test]
    fn during_a_rotation_both_secrets_sign_and_the_plain_signature_stays_with_the_old_one() {
        let (old, new) = (secret_of_spec(), Secret::generate());
        let only = |secret: &Secret| {
            Secrets { current: secret.clone(), old: None, form: SignatureForm::Base64 }
                .headers(ID_OF_SPEC, 7, BODY)
        };
        let both =
            Secrets { current: new.clone(), old: Some(old.clone()), form: SignatureForm::Base64 };
        let both = both.headers(ID_OF_SPEC, 7, BODY);
        assert_eq!(of(&both, SIGNATURE), of(&only(&old), SIGNATURE));
        assert_eq!(of(&both, SIGNATURE_NEXT), of(&only(&new), SIGNATURE));
        let standard = |secret| of(&only(secret), STANDARD_SIGNATURE).unwrap().to_owned();
        let expected = format!("{} {}", standard(&new), standard(&old));
        assert_eq!(of(&both, STANDARD_SIGNATURE), Some(expected.as_str()));
    }

    #[test]
    fn a_secret_is_shown_only_on_purpose() {
        let secret = secret_of_spec();
        assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(Secret::generate(), Secret::generate());
        assert_eq!(Secret::generate().as_bytes().len(), 32);
    }
}
