//! Which URLs may be callbacks.

use std::net::IpAddr;

use url::{Host, Url};

use super::address;
use crate::domain::money::brief;

/// The longest URL, in characters.
pub const LONGEST: usize = 2000;

/// Reads a callback URL, or says what is wrong with it.
///
/// A host written as an address is checked here, in whichever spelling: the standard for URLs reads
/// `0x7f.1`, `2130706433` and `127.1` as `127.0.0.1`. A name is checked each time it is resolved.
pub fn read(text: &str, allow_private: bool) -> Result<Url, String> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("the URL has {length} characters: it must have at most {LONGEST}"));
    }
    let wrong = |why: &str| match text.contains('@') {
        // What stands before it may be a password.
        true => format!("the URL (not shown, it may hold a password): {why}"),
        false => brief(format!("the URL: {why}; it is {text:?}")),
    };
    let url = Url::parse(text)
        .map_err(|error| wrong(&format!("{error}; it must be like https://host/path")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("it must begin with https:// or http://"));
    }
    if url.host().is_none() {
        return Err(wrong("it must name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Without the text: it holds a password.
        return Err("the URL must not contain a user or a password".into());
    }
    if url.fragment().is_some() {
        return Err(wrong("it must not contain a fragment (#...)"));
    }
    if url.as_str().len() > LONGEST {
        return Err(format!("the URL must have at most {LONGEST} characters when it is encoded"));
    }
    match literal(&url).and_then(|address| Some((address, address::forbidden(address)?))) {
        Some((address, what)) if !allow_private => {
            Err(wrong(&format!("the address {address} is {what} and may not be called")))
        }
        _ => Ok(url),
    }
}

/// The address, when the host is one.
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// A URL without the values in its query, which may be secrets; the names stay. (A URL of a callback has no user, no
/// password and no fragment.)
pub fn without_values(url: &str) -> String {
    let Some((place, query)) = url.split_once('?') else { return url.to_owned() };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=***"),
        None if pair.is_empty() => String::new(),
        None => "***".to_owned(),
    };
    let pairs: Vec<String> = query.split('&').map(pair).collect();
    format!("{place}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_an_http_url_with_a_public_host() {
        for right in [
            "https://example.com/wsa?key=1",
            "http://example.com:8080/",
            "https://пример.рф/x",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(read(right, false).is_ok(), "{right}");
        }
        assert_eq!(read("HTTPS://Example.com", false).unwrap().as_str(), "https://example.com/");
    }

    #[test]
    fn anything_else_is_refused_by_a_sentence() {
        for (wrong, message) in [
            ("", "like https://host/path"),
            ("example.com/x", "like https://host/path"),
            ("ftp://example.com/", "https:// or http://"),
            ("file:///etc/passwd", "https:// or http://"),
            ("https://", "like https://host/path"),
            ("https://example.com/#x", "fragment"),
            ("https://user@example.com/", "a user or a password"),
            ("https://:secret@example.com/", "a user or a password"),
            ("https://user:secret@example.com:99999/", "like https://host/path"),
            ("ftp://user:secret@example.com/", "https:// or http://"),
            ("http://127.0.0.1/", "127.0.0.1 is loopback"),
            ("http://127.1/", "127.0.0.1 is loopback"),
            ("http://2130706433/", "127.0.0.1 is loopback"),
            ("http://0x7f000001/", "127.0.0.1 is loopback"),
            ("http://0177.0.0.01/", "127.0.0.1 is loopback"),
            ("http://①②⑦.0.0.1/", "127.0.0.1 is loopback"),
            ("http://[::1]/", "::1 is loopback"),
            ("http://[::ffff:10.0.0.1]/", "10.0.0.1 is private"),
            ("http://169.254.169.254/latest", "link-local"),
            ("http://0/", "0.0.0.0 is of this network"),
        ] {
            let error = read(wrong, false).unwrap_err();
            assert!(error.contains(message), "{wrong}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let long = format!("https://example.com/{}", "x".repeat(LONGEST));
        assert!(read(&long, false).unwrap_err().contains("2020 characters"));
    }

    #[test]
    fn an_operator_may_allow_private_addresses_and_nothing_else() {
        assert!(read("http://127.0.0.1:9000/", true).is_ok());
        assert!(read("ftp://127.0.0.1/", true).is_err());
    }

    #[test]
    fn what_may_be_secret_in_a_url_can_be_left_out() {
        for (url, shown) in [
            ("https://a.example/hook", "https://a.example/hook"),
            ("https://a.example/hook?token=s3cret&x=1=2", "https://a.example/hook?token=***&x=***"),
            ("https://a.example/hook?s3cret", "https://a.example/hook?***"),
            ("https://a.example/?a=1&&b", "https://a.example/?a=***&&***"),
            ("https://a.example/?", "https://a.example/?"),
        ] {
            assert_eq!(without_values(url), shown);
        }
    }
}
