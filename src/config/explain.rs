//! Errors that say what to do: where the value comes from, and what would be right.

use config::ValueKind;

use super::SettingsError;
use super::layers::Layers;
use super::misread::as_in_a_file;
use super::protocol::SectionReader;

/// What would be right where the default is empty, as a file has it.
const EXAMPLES: [(&str, &str); 20] = [
    ("store.database_url", "\"postgres://wsa:password@db.example:5432/wsa\""),
    ("amqp.url", "\"amqp://wsa:password@mq.example:5672/%2f\""),
    ("http.tls.certificate", "\"/etc/wsa/tls/server.pem\""),
    ("http.tls.key", "\"/etc/wsa/tls/server.key\""),
    ("http.tls.client_ca", "\"/etc/wsa/tls/clients.pem\""),
    ("store.tls.ca", "\"/etc/wsa/tls/ca.pem\""),
    ("store.tls.certificate", "\"/etc/wsa/tls/client.pem\""),
    ("store.tls.key", "\"/etc/wsa/tls/client.key\""),
    ("amqp.tls.ca", "\"/etc/wsa/tls/ca.pem\""),
    ("amqp.tls.certificate", "\"/etc/wsa/tls/client.pem\""),
    ("amqp.tls.key", "\"/etc/wsa/tls/client.key\""),
    ("ops.trusted_proxies", "\"127.0.0.1, 10.0.0.0/8\""),
    ("ops.trusted_header", "\"X-Forwarded-User\""),
    ("otel.endpoint", "\"http://collector.example:4318\""),
    ("otel.headers", "\"x-tenant=7\""),
    ("otel.service_name", "\"wsa\""),
    ("otel.resource_attributes", "\"deployment.environment.name=production\""),
    ("otel.tls.ca", "\"/etc/wsa/tls/ca.pem\""),
    ("otel.tls.certificate", "\"/etc/wsa/tls/client.pem\""),
    ("otel.tls.key", "\"/etc/wsa/tls/client.key\""),
];

/// The same error, with what would be right and where the value comes from.
pub(super) fn explain(
    error: SettingsError,
    layers: &Layers,
    sections: &[SectionReader],
) -> SettingsError {
    let message = error.to_string();
    let named = message.strip_prefix("the setting ").and_then(|rest| rest.split(' ').next());
    let Some(name) = named else { return error };
    let origin = layers.origin(name);
    let example = match error {
        SettingsError::Unknown { .. } => None,
        _ => example_of(name, layers, sections).map(|value| origin.written(name, &value)),
    };
    let example = example.map_or_else(String::new, |example| format!("; for example {example}"));
    SettingsError::Explained { error: Box::new(error), example, origin }
}

/// A value that is right, as a file has it.
pub(super) fn example_of(
    name: &str,
    layers: &Layers,
    sections: &[SectionReader],
) -> Option<String> {
    let own = EXAMPLES.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
    let listed = own.or_else(|| sections.iter().find_map(|section| section.example(name)));
    let listed = listed.map(str::to_owned);
    listed.or_else(|| {
        let default = layers.default_of(name)?;
        (!matches!(default.kind, ValueKind::Table(_))).then(|| as_in_a_file(default))
    })
}
