//! The settings as a whole, with the sections of all protocols.

use crate::protocols::ALL;

#[test]
fn the_defaults_are_right() {
    let settings = ALL.settings(&[]).unwrap();
    assert_eq!(settings.tasks.timeout_s, 120);
    assert!(settings.database_url().is_none() && settings.amqp().is_none());
}

#[test]
fn a_wrong_setting_is_named_with_its_value_and_its_rule() {
    for (name, value, message) in [
        ("worker.batch", "0", "the setting worker.batch is 0: it must be from 1 to 4096"),
        ("amqp.url", "http://u:secret@h", "the setting amqp.url is http://…: it must be"),
        ("worker.batch", "many", "worker.batch"),
        ("worker.batches", "1", "batches"),
        ("log.format", "xml", "log.format"),
        ("callbacks.timeout_ms", "0", "the setting callbacks.timeout_ms is 0: it must be from 100"),
        ("callbacks.retry_after_s", "5,-1", "the pause -1 must be from 0 to 604800 seconds"),
    ] {
        let error = ALL.settings(&[(name, value.into())]).unwrap_err().to_string();
        assert!(error.contains(message), "{name}={value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
