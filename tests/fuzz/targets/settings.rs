//! Settings: what is set for each name, by the names of config/default.toml.

use wsa::config::SettingsError;

/// Settings are right as a whole, or one of them is named; a password never is.
#[test]
fn settings() {
    let names = names();
    wsa_fuzz::message("settings", |values, _| {
        let known = values.iter().filter(|(name, _)| names.iter().any(|known| known == name));
        let flags: Vec<_> = known.map(|(name, value)| (*name, (*value).to_owned())).collect();
        match wsa::protocols::ALL.settings(&flags) {
            Ok(settings) => {
                assert!((1..=4096).contains(&settings.worker.batch));
                assert!(settings.mail.keep_days <= settings.store.retention_days);
                assert_eq!(settings.amqp().is_some(), flags.iter().rev().any(is_broker));
            }
            Err(error) => {
                let told = error.to_string();
                assert!(!told.is_empty());
                // Where no password belongs, a value is shown.
                let is_public = |(name, value): &(&str, String)| {
                    !name.ends_with("url") && value.contains("secret")
                };
                assert!(flags.iter().any(is_public) || !told.contains("secret"), "{told}");
                if let SettingsError::Wrong { name, .. } = error {
                    assert!(names.iter().any(|known| known == name), "{name}");
                }
            }
        }
    });
}

fn is_broker((name, value): &(&str, String)) -> bool {
    *name == "amqp.url" && !value.is_empty()
}

/// All names but those of files, which would be opened.
fn names() -> Vec<String> {
    let mut section = "";
    let mut names = Vec::new();
    for line in include_str!("../../../config/default.toml").lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            names.push(format!("{section}.{key}"));
        }
    }
    names.retain(|name| !name.contains(".tls."));
    assert!(names.len() > 30, "{names:?}");
    names
}
