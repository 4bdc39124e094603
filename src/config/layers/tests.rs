//! What each way in makes of a value.

use super::*;
use crate::protocols::ALL;
use crate::protocols::activeplatform::settings::ActivePlatformSettings;

fn read(
    flags: &[(&str, String)],
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Settings, SettingsError> {
    Layers::read(None, flags, variables)?.settings(&ALL.sections())
}

fn with(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let owned = variables.iter().map(|(name, value)| (name.into(), value.into()));
    read(&[], owned.collect::<Vec<_>>().into_iter())
}

fn wrong(variables: &[(&str, &str)]) -> String {
    with(variables).unwrap_err().to_string()
}

/// Texts that look like something else.
const LOOKS: [&str; 12] =
    ["007", "1e3", "0755", "+0545", "1.10", "true", "NO", "1_000", "0x1F", "inf", "", "[a, 'b']"];

#[test]
fn every_text_stays_as_it_is_written_by_whatever_way_it_comes() {
    // What a text setting is shown as where it is not a plain text.
    let mut texts = 0;
    for name in Settings::names() {
        for text in LOOKS {
            let by_variable = with(&[(&variable(&name), text)]);
            let by_flag = read(&[(&name, text.to_owned())], std::iter::empty());
            let Some(kept) = text_of(&name, &by_variable) else { continue };
            assert_eq!(kept, text, "{name} by a variable");
            assert_eq!(text_of(&name, &by_flag).as_deref(), Some(text), "{name} by a flag");
            texts += 1;
        }
    }
    assert_eq!(texts, 21 * LOOKS.len(), "the settings that are texts");
}

/// The value of a setting that is a text.
fn text_of(name: &str, settings: &Result<Settings, SettingsError>) -> Option<String> {
    use secrecy::ExposeSecret;
    let path = |path: &std::path::PathBuf| path.to_str().unwrap().to_owned();
    let with = |text: &dyn Fn(&Settings) -> String| Some(text(settings.as_ref().unwrap()));
    match name {
        "store.database_url" => with(&|s| s.store.database_url.expose_secret().to_owned()),
        "store.data_dir" => with(&|s| path(&s.store.data_dir)),
        "store.tls.ca" => with(&|s| path(&s.store.tls.ca)),
        "store.tls.certificate" => with(&|s| path(&s.store.tls.certificate)),
        "store.tls.key" => with(&|s| path(&s.store.tls.key)),
        "amqp.url" => with(&|s| s.amqp.url.expose_secret().to_owned()),
        "amqp.prefix" => with(&|s| s.amqp.prefix.clone()),
        "amqp.tls.ca" => with(&|s| path(&s.amqp.tls.ca)),
        "amqp.tls.certificate" => with(&|s| path(&s.amqp.tls.certificate)),
        "amqp.tls.key" => with(&|s| path(&s.amqp.tls.key)),
        "http.tls.certificate" => with(&|s| path(&s.http.tls.certificate)),
        "http.tls.key" => with(&|s| path(&s.http.tls.key)),
        "http.tls.client_ca" => with(&|s| path(&s.http.tls.client_ca)),
        "otel.endpoint" => with(&|s| s.otel.endpoint.clone()),
        "otel.headers" => with(&|s| s.otel.headers.expose_secret().to_owned()),
        "otel.service_name" => with(&|s| s.otel.service_name.clone()),
        "otel.tls.ca" => with(&|s| path(&s.otel.tls.ca)),
        "otel.tls.certificate" => with(&|s| path(&s.otel.tls.certificate)),
        "otel.tls.key" => with(&|s| path(&s.otel.tls.key)),
        "otel.resource_attributes" => with(&|s| s.otel.resource_attributes.clone()),
        "log.filter" => with(&|s| s.log.filter.clone()),
        "billmanager.host" => None,
        _ => None,
    }
}

#[test]
fn numbers_and_switches_are_read_by_the_type_of_their_setting() {
    let settings = with(&[
        ("WSA__WORKER__BATCH", "007"),
        ("WSA__STORE__ALLOW_UNSAFE_DURABILITY", "true"),
        ("WSA__ACTIVEPLATFORM__UTC_OFFSET", "+0545"),
        ("WSA__CALLBACKS__RETRY_AFTER_S", "5"),
        ("WSA__STORE__TLS__CA", "/etc/ca.pem"),
        ("WSA_ENVIRONMENT", ""),
        ("wsa__worker__lanes", "3"),
    ]);
    let settings = settings.unwrap();
    assert_eq!((settings.worker.batch, settings.worker.lanes), (7, 3));
    assert!(settings.store.allow_unsafe_durability);
    assert_eq!(settings.section::<ActivePlatformSettings>().unwrap().utc_offset.minutes(), 345);
}

#[test]
fn a_value_of_the_wrong_form_is_told_with_its_rule() {
    for (name, value, message) in [
        (
            "WSA__WORKER__BATCH",
            "1e3",
            "the setting worker.batch is \"1e3\": it must be a whole number",
        ),
        (
            "WSA__WORKER__BATCH",
            "yes",
            "the setting worker.batch is \"yes\": it must be a whole number",
        ),
        ("WSA__WORKER__BATCH", "", "the setting worker.batch is empty: it must be a whole number"),
        (
            "WSA__WORKER__BATCH",
            "-1",
            "the setting worker.batch is \"-1\": it must be a whole number from 0",
        ),
        (
            "WSA__AMQP__SHARDS",
            "70000",
            "the setting amqp.shards is \"70000\": it must be a whole number from 0 to 65535",
        ),
        (
            "WSA__STORE__ALLOW_UNSAFE_DURABILITY",
            "",
            "store.allow_unsafe_durability is empty: it must be true or false",
        ),
        (
            "WSA__STORE__ALLOW_UNSAFE_DURABILITY",
            "2",
            "store.allow_unsafe_durability is \"2\": it must be true or false",
        ),
        ("WSA__LOG__FORMAT", "xml", "the setting log.format is \"xml\": it must be text or json"),
        (
            "WSA__HTTP__LISTEN",
            "8080",
            "the setting http.listen is \"8080\": it must be an IP address",
        ),
        ("WSA__STORE", "x", "the setting store is \"x\": it must be a section"),
        (
            "WSA__STORES__X",
            "x",
            "the setting stores does not exist: did you mean store? There are http",
        ),
        (
            "WSA__WORKER__BATCHES",
            "1",
            "the setting worker.batches does not exist: did you mean worker.batch? There are lanes, batch",
        ),
    ] {
        let error = wrong(&[(name, value)]);
        assert!(error.contains(message), "{name}={value}: {error}");
    }
}

#[test]
fn white_space_and_control_characters_are_left_out_of_urls_or_refused_by_name() {
    use secrecy::ExposeSecret;
    let settings = with(&[("WSA__STORE__DATABASE_URL", " postgres://h/db\n")]).unwrap();
    assert_eq!(settings.store.database_url.expose_secret(), "postgres://h/db");
    assert!(settings.notes[0].starts_with("the setting store.database_url"), "{settings:?}");
    for (name, value) in [
        ("WSA__AMQP__PREFIX", "wsa\n"),
        ("WSA__LOG__FILTER", " info"),
        ("WSA__STORE__DATA_DIR", "/data "),
        ("WSA__STORE__TLS__CA", "/etc/\u{7}ca"),
        ("WSA__STORE__DATABASE_URL", "postgres://h/d\nb"),
    ] {
        let error = wrong(&[(name, value)]);
        let setting = name[5..].replace("__", ".").to_lowercase();
        assert!(error.starts_with(&format!("the setting {setting} ")), "{error}");
        assert!(error.contains("white space at an end") || error.contains("control"), "{error}");
    }
}

#[test]
fn a_file_says_texts_in_quotes_and_numbers_without_a_fraction() {
    let strict = |text: &str| {
        let file = File::from_str(text, FileFormat::Toml);
        let defaults = File::from_str(DEFAULTS, FileFormat::Toml);
        let layers = Config::builder().add_source(defaults).add_source(file).build().unwrap();
        settings(layers.cache, &ALL.sections()).map(drop)
    };
    strict("[worker]\nbatch = 7").unwrap();
    for (file, message) in [
        ("[amqp]\nprefix = 7", "amqp.prefix is no text: write it in quotes"),
        ("[amqp]\nprefix = true", "amqp.prefix is no text: write it in quotes"),
        ("[worker]\nbatch = 2.9", "worker.batch is 2.9: it must be a whole number"),
        ("[worker]\nbatch = true", "worker.batch is true: it must be a whole number"),
        (
            "[store]\nallow_unsafe_durability = 1",
            "allow_unsafe_durability is 1: it must be true or",
        ),
    ] {
        let error = strict(file).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_no_text_is_named_without_its_value() {
    use std::os::unix::ffi::OsStringExt;
    let broken = OsString::from_vec(b"postgres://u:hunter2\xff".to_vec());
    let variables = [("WSA__STORE__DATABASE_URL".into(), broken)];
    let error = read(&[], variables.into_iter()).unwrap_err().to_string();
    assert_eq!(error, "the variable WSA__STORE__DATABASE_URL is no text in UTF-8");
    let variables = [("WSA_OTHER".into(), OsString::from_vec(b"\xff".to_vec()))];
    read(&[], variables.into_iter()).unwrap();
    let twice = wrong(&[("WSA__WORKER__LANES", "1"), ("wsa__worker__lanes", "2")]);
    assert!(twice.starts_with("the variable WSA__WORKER__LANES is there twice"), "{twice}");
}

#[test]
fn a_variable_with_other_underscores_is_named_with_the_one_that_is_meant() {
    for name in ["WSA_HTTP_LISTEN", "WSA__HTTP_LISTEN", "wsa_http__listen"] {
        let error = wrong(&[(name, "127.0.0.1:1")]);
        let meant = "is not a setting: did you mean WSA__HTTP__LISTEN?";
        assert_eq!(error, format!("the variable {} {meant}", name.to_uppercase()));
    }
    with(&[("WSA_TOKEN", "demo"), ("WSA_URL", "http://h"), ("WSA_ENVIRONMENT", "")]).unwrap();
}

#[test]
fn a_file_that_is_named_must_be_there_and_be_toml() {
    let missing = wrong(&[("WSA_ENVIRONMENT", "nowhere")]);
    for part in ["config/nowhere.toml", "WSA_ENVIRONMENT=nowhere", "there is none", "[log]"] {
        assert!(missing.contains(part), "{missing}");
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wsa.toml");
    let named = |path: &std::path::Path| Layers::read(Some(path), &[], std::iter::empty());
    let missing = named(&path).unwrap_err().to_string();
    assert!(missing.contains("--config") && missing.contains("wsa.toml"), "{missing}");
    std::fs::write(&path, "[worker\nbatch = 1").unwrap();
    let broken = named(&path).unwrap_err().to_string();
    assert!(broken.contains("wsa.toml") && broken.contains("it is not TOML"), "{broken}");
    std::fs::write(&path, "[worker]\nbatch = 12\n[log]\nfilter = \"warn\"").unwrap();
    let variables = [("WSA__LOG__FILTER", "debug"), ("WSA_CONFIG", "/none")];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let flags = [("worker.lanes", "2".to_owned())];
    let layers = Layers::read(Some(&path), &flags, variables.into_iter()).unwrap();
    let settings = Settings::of(&layers, &ALL.sections()).unwrap();
    assert_eq!((settings.worker.batch, settings.worker.lanes), (12, 2));
    assert_eq!(settings.log.filter, "debug");
    assert_eq!(layers.origin("worker.batch"), Origin::File(path));
    assert_eq!(layers.origin("worker.lanes"), Origin::Flag("worker.lanes".into()));
    assert_eq!(layers.origin("log.filter"), Origin::Variable("WSA__LOG__FILTER".into()));
    assert_eq!(layers.origin("log.format"), Origin::Default);
}
