//! `[otel]`: where traces go, how many, and under which name.

use std::fmt;
use std::time::Duration;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use url::Url;

use super::rules::{within, wrong};
use super::strict::shown;
use super::{Settings, SettingsError};
use crate::runtime::tls;
use crate::runtime::tls::ClientTls;
use crate::runtime::trace::TraceSettings;

/// A part of something, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(pub f64);

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ratio, D::Error> {
        struct Written;

        impl Visitor<'_> for Written {
            type Value = Ratio;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to 1, like 0.01")
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Ratio, E> {
                match (0.0..=1.0).contains(&number) {
                    true => Ok(Ratio(number)),
                    false => Err(E::custom("it must be a number from 0 to 1, like 0.01")),
                }
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Ratio, E> {
                self.visit_f64(number as f64)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Ratio, E> {
                self.visit_f64(number as f64)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ratio, E> {
                self.visit_f64(text.parse().unwrap_or(f64::NAN))
            }
        }

        deserializer.deserialize_any(Written)
    }
}

impl Settings {
    /// What tracing needs; `None` when it is off.
    pub fn traces(&self) -> Option<TraceSettings> {
        let otel = &self.otel;
        let url = traces_url(&otel.endpoint)?;
        let mut resource = pairs(&otel.resource_attributes)?;
        let given =
            |name: &str| resource.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        let service = Some(otel.service_name.clone()).filter(|name| !name.is_empty());
        let service = service.or_else(|| given("service.name")).unwrap_or_else(|| "wsa".to_owned());
        let instance = given("service.instance.id");
        let instance = instance.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let version = given("service.version");
        let version = version.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
        let own = [
            ("service.name", service),
            ("service.instance.id", instance),
            ("service.version", version),
        ];
        resource.retain(|(key, _)| own.iter().all(|(name, _)| key != name));
        resource.extend(own.map(|(key, value)| (key.to_owned(), value)));
        Some(TraceSettings {
            url,
            headers: headers(otel.headers.expose_secret())?,
            timeout: Duration::from_millis(otel.timeout_ms),
            sample_ratio: otel.sample_ratio.0,
            resource,
            tls: otel.tls.clone(),
        })
    }

    pub(super) fn check_otel(&self) -> Result<(), SettingsError> {
        let otel = &self.otel;
        let endpoint = &otel.endpoint;
        if !endpoint.is_empty() && traces_url(endpoint).is_none() {
            let rule = "it must be an address like http://collector:4318, without a password: that goes into otel.headers";
            // Before an @ could stand a password.
            let value = match endpoint.contains('@') {
                true => shown(endpoint),
                false => format!("{endpoint:?}"),
            };
            return Err(wrong("otel.endpoint", value, rule));
        }
        if headers(otel.headers.expose_secret()).is_none() {
            let rule = "it must be names and values of headers with commas between, like authorization=Basic%20abc,x-tenant=7";
            return Err(wrong("otel.headers", "not shown".to_owned(), rule));
        }
        if pairs(&otel.resource_attributes).is_none() {
            let rule = "it must be names and values with commas between, like deployment.environment.name=test,service.namespace=pay";
            let value = format!("{:?}", otel.resource_attributes);
            return Err(wrong("otel.resource_attributes", value, rule));
        }
        within("otel.timeout_ms", otel.timeout_ms, 100..=600_000)?;
        if otel.tls != ClientTls::default() {
            tls::config("otel.tls.", &otel.tls)?;
        }
        Ok(())
    }
}

/// Where spans are posted of a collector at this address.
fn traces_url(endpoint: &str) -> Option<Url> {
    let url: Url = endpoint.parse().ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !usable {
        return None;
    }
    format!("{}/v1/traces", url.as_str().trim_end_matches('/')).parse().ok()
}

/// `name=value` with commas between; values may be percent-encoded.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let one = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let value = percent_decode_str(value).decode_utf8().ok()?;
        (!name.is_empty()).then(|| (name.to_owned(), value.into_owned()))
    };
    parts.map(one).collect()
}

fn headers(text: &str) -> Option<HeaderMap> {
    let ours = [CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];
    let one = |(name, value): (String, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        (!ours.contains(&name)).then_some((name, value))
    };
    pairs(text)?.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_put_behind_the_address() {
        let url = |endpoint: &str| traces_url(endpoint).map(String::from);
        assert_eq!(url("http://c:4318").as_deref(), Some("http://c:4318/v1/traces"));
        assert_eq!(url("https://c/otlp/").as_deref(), Some("https://c/otlp/v1/traces"));
        for wrong in [
            "",
            "c:4318",
            "grpc://c",
            "http://u:p@c",
            "http://:p@c",
            "http://c?key=1",
            "http://c#x",
        ] {
            assert_eq!(url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn pairs_are_read_as_they_are_written_in_variables() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(" a=b ,c=d%20e%2C,"), Some(vec![pair("a", "b"), pair("c", "d e,")]));
        assert_eq!(pairs(""), Some(Vec::new()));
        for wrong in ["a", "=b", "a=%ff"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
        assert_eq!(headers("authorization=Basic%20YQ==").unwrap()["authorization"], "Basic YQ==");
        for wrong in ["a b=c", "a=%0a", "Host=x", "content-type=x"] {
            assert!(headers(wrong).is_none(), "{wrong}");
        }
    }
}
