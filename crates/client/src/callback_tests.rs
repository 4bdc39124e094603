use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: u64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
/// The example of Standard Webhooks.
const RIGHT: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn verifier() -> Verifier {
    Verifier::new(Secret::parse(SECRET).unwrap())
}

fn other() -> Secret {
    Secret::parse("whsec_AAAA").unwrap()
}

fn now(offset_s: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(AT.checked_add_signed(offset_s).unwrap())
}

fn headers<'a>(
    signature: &'a str,
    id: &'a str,
    timestamp: &'a str,
) -> impl Fn(&str) -> Option<&'a str> {
    move |name| match name {
        "webhook-signature" => Some(signature),
        "webhook-id" => Some(id),
        "webhook-timestamp" => Some(timestamp),
        _ => None,
    }
}

#[test]
fn the_example_of_standard_webhooks_is_right() {
    let verified = verifier().check(headers(RIGHT, ID, "1614265330"), BODY, now(0)).unwrap();
    assert_eq!(verified, Verified { id: ID.into(), at: now(0) });
}

#[test]
fn whatever_is_altered_is_wrong() {
    let at = "1614265330";
    for (signature, id, timestamp, body) in [
        (RIGHT, ID, at, &b"{}"[..]),
        (RIGHT, "msg_else", at, BODY),
        (RIGHT, ID, "1614265331", BODY),
        (RIGHT.strip_prefix("v1,").unwrap(), ID, at, BODY),
        ("v1,", ID, at, BODY),
        ("", ID, at, BODY),
        ("v1,???", ID, at, BODY),
        (&RIGHT[..RIGHT.len() - 4], ID, at, BODY),
    ] {
        let checked = verifier().check(headers(signature, id, timestamp), body, now(0));
        assert_eq!(checked, Err(SignatureError::Wrong), "{signature} {id} {timestamp}");
    }
    let theirs = Verifier::new(other()).check(headers(RIGHT, ID, at), BODY, now(0));
    assert_eq!(theirs, Err(SignatureError::Wrong));
}

#[test]
fn an_old_delivery_is_not_believed_and_neither_is_one_of_the_future() {
    let check = |offset, verifier: Verifier| {
        verifier.check(headers(RIGHT, ID, "1614265330"), BODY, now(offset)).map(|_| ())
    };
    for (offset, expected) in [
        (300, Ok(())),
        (-300, Ok(())),
        (301, Err(SignatureError::NotNow)),
        (-301, Err(SignatureError::NotNow)),
    ] {
        assert_eq!(check(offset, verifier()), expected, "{offset}");
    }
    let strict = verifier().tolerance(Duration::from_secs(1));
    assert_eq!(check(2, strict), Err(SignatureError::NotNow));
}

#[test]
fn during_a_rotation_either_secret_will_do() {
    let at = "1614265330";
    let both = format!("v1,AAAA {RIGHT}");
    let rotated = Verifier::new(other()).or(Secret::parse(SECRET).unwrap());
    for (verifier, signature) in [(verifier(), both.as_str()), (rotated, RIGHT)] {
        assert!(verifier.check(headers(signature, ID, at), BODY, now(0)).is_ok());
    }
}

#[test]
fn a_missing_header_is_named() {
    let error = verifier().check(|_| None, BODY, now(0)).unwrap_err();
    assert_eq!(error, SignatureError::Missing("webhook-signature"));
    assert_eq!(verifier().check_plain(|_| None, BODY), Err(SignatureError::Missing("signature")));
}

#[test]
fn the_plain_signature_is_taken_in_base64_and_hex() {
    // RFC 4231, test case 2.
    let verifier = Verifier::new(Secret(b"Jefe".to_vec()));
    let body = b"what do ya want for nothing?";
    let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let base64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
    let plain = |signature: &'static str, next: Option<&'static str>| {
        verifier.check_plain(
            move |name| match name {
                "signature" => Some(signature),
                "signature-next" => next,
                _ => None,
            },
            body,
        )
    };
    assert_eq!([plain(hex, None), plain(base64, None), plain("AAAA", Some(hex))], [Ok(()); 3]);
    for wrong in ["", "AAAA", &hex[..62], "zz"] {
        assert_eq!(plain(wrong, None), Err(SignatureError::Wrong), "{wrong}");
    }
}

#[test]
fn a_secret_is_read_with_and_without_its_prefix_and_never_shown() {
    let secret = Secret::parse(SECRET).unwrap();
    assert_eq!(Secret::parse(&SECRET[6..]), Ok(secret.clone()));
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    for wrong in ["", "whsec_", "whsec_?", "secret of mine"] {
        assert_eq!(Secret::parse(wrong), Err(InvalidSecret), "{wrong}");
    }
}
