//! The variables that OpenTelemetry names itself, `OTEL_...`: a layer below `WSA__OTEL__...`.
//!
//! Where nothing is traced, none of them is looked at. Where something is, each of them is honoured, or refused by its
//! name when what it asks for is not done, or named in the log when it is about something else.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::SettingsError;
use super::named::variable;

/// The variables that are settings, and which.
const SETTINGS: [(&str, &str); 9] = [
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "otel.tls.ca"),
    ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "otel.tls.certificate"),
    ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "otel.tls.key"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otel.endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "otel.headers"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "otel.timeout_ms"),
    ("OTEL_RESOURCE_ATTRIBUTES", "otel.resource_attributes"),
    ("OTEL_SERVICE_NAME", "otel.service_name"),
    ("OTEL_TRACES_SAMPLER_ARG", "otel.sample_ratio"),
];

/// Variables that ask for what is done anyway, when they have this value.
const FIXED: [(&str, &str); 5] = [
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ("OTEL_SDK_DISABLED", "false"),
    ("OTEL_TRACES_EXPORTER", "otlp"),
    ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
];

/// What the variables say.
#[derive(Debug, Default)]
pub(super) struct OtelVariables {
    /// By their names; an empty one is as good as none.
    all: BTreeMap<String, String>,
}

impl OtelVariables {
    /// Of these variables those that are OpenTelemetry's.
    pub(super) fn of(variables: &[(OsString, OsString)]) -> OtelVariables {
        let ours = variables.iter().filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| name.starts_with("OTEL_"))?;
            let value = value.to_str().map_or("", str::trim);
            (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        });
        OtelVariables { all: ours.collect() }
    }

    /// As variables of this program.
    pub(super) fn settings(&self) -> impl Iterator<Item = (String, String)> {
        let value = |(name, setting): &(&str, &str)| {
            Some((variable(setting), self.all.get(*name)?.clone()))
        };
        SETTINGS.iter().filter_map(value)
    }

    /// The variable that a setting, or one of a section, comes from.
    pub(super) fn origin(&self, setting: &str) -> Option<&'static str> {
        let is_of = |of: &str| {
            of.strip_prefix(setting).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let set = SETTINGS.iter().filter(|(name, _)| self.all.contains_key(*name));
        set.filter(|(_, of)| is_of(of)).map(|(name, _)| *name).next()
    }

    /// Whether one of them asks for what is not done; called only where something is traced.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        for (name, value) in &self.all {
            let fixed = FIXED.iter().find(|(of, _)| of == name).map(|(_, only)| *only);
            let problem = match fixed {
                Some(only) if only == value => continue,
                Some(only) => format!("must be {only}, which is all that there is, or not be set"),
                None if name.starts_with("OTEL_EXPORTER_OTLP_TRACES_") => {
                    let common = name.replace("_TRACES_", "_");
                    format!("is not supported: set {common}")
                }
                None => continue,
            };
            return Err(SettingsError::Variable { name: name.clone(), problem });
        }
        Ok(())
    }

    /// Sentences for the log about those that nothing is done with; only where something is traced.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let known = |name: &str| SETTINGS.iter().chain(&FIXED).any(|(of, _)| *of == name);
        let unused = self.all.keys().filter(move |name| !known(name));
        unused
            .map(|name| format!("the variable {name} is not used: this service sends traces only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> OtelVariables {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        OtelVariables::of(&variables)
    }

    #[test]
    fn a_variable_is_a_setting_or_what_is_done_anyway_or_refused_or_noted() {
        let all = of(&[
            ("OTEL_SERVICE_NAME", "till"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", " "),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
        ]);
        let settings: Vec<_> = all.settings().collect();
        assert_eq!(settings, [("WSA__OTEL__SERVICE_NAME".to_owned(), "till".to_owned())]);
        assert_eq!(all.origin("otel.service_name"), Some("OTEL_SERVICE_NAME"));
        assert_eq!(all.origin("otel"), Some("OTEL_SERVICE_NAME"));
        assert_eq!(all.origin("otel.endpoint"), None);
        assert!(all.check().is_ok());
        let notes: Vec<_> = all.notes().collect();
        assert!(matches!(&*notes, [one] if one.contains("OTEL_METRICS_EXPORTER")), "{notes:?}");
        for (name, value, told) in [
            ("OTEL_TRACES_SAMPLER", "always_on", "must be parentbased_traceidratio"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "must be http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c", "set OTEL_EXPORTER_OTLP_ENDPOINT"),
        ] {
            let error = of(&[(name, value)]).check().unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(told), "{error}");
        }
    }
}
