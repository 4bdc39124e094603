//! Where a setting gets its value, and how the same would be written there.

use std::fmt;
use std::path::PathBuf;

use super::named::variable;

/// Where a setting gets its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `config/default.toml`, compiled into the program.
    Default,
    /// A file of settings.
    File(PathBuf),
    /// A variable: its name.
    Variable(String),
    /// A flag: the setting that it stands for.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => write!(f, "the defaults"),
            Origin::File(path) => write!(f, "the file {}", path.display()),
            Origin::Variable(name) => write!(f, "the variable {name}"),
            Origin::Flag(name) => write!(f, "the flag {}", flag(name)),
        }
    }
}

impl Origin {
    /// How a setting would be written there with this value, which is as a file has it.
    pub(super) fn written(&self, name: &str, value: &str) -> String {
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let bare = bare.unwrap_or_else(|| value.trim_matches(['[', ']']));
        match self {
            Origin::Variable(_) => format!("{}={}", variable(name), quoted(bare)),
            Origin::Flag(name) => format!("{} {}", flag(name), quoted(bare)),
            Origin::Default | Origin::File(_) => match name.rsplit_once('.') {
                Some((section, key)) => format!("{key} = {value} below [{section}]"),
                None => format!("{name} = {value}"),
            },
        }
    }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._:/,@%=".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{text}'"),
    }
}

/// The flag of a setting, of those that have one.
fn flag(name: &str) -> String {
    let (section, key) = name.split_once('.').unwrap_or(("", name));
    let words = match section {
        "http" | "store" => key.to_owned(),
        section => format!("{section}.{key}"),
    };
    format!("--{}", words.replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_its_place_has_it() {
        let file = Origin::File("config/prod.toml".into());
        assert_eq!(file.written("worker.batch", "256"), "batch = 256 below [worker]");
        let variable = Origin::Variable("WSA__BILLMANAGER__PATHS".into());
        assert_eq!(
            variable.written("billmanager.paths", "\"/billmgr, /\""),
            "WSA__BILLMANAGER__PATHS='/billmgr, /'"
        );
        assert_eq!(
            variable.written("callbacks.retry_after_s", "[5, 300]"),
            "WSA__CALLBACKS__RETRY_AFTER_S='5, 300'"
        );
        for (name, written) in [
            ("http.listen", "--listen 127.0.0.1:8080"),
            ("ops.listen", "--ops-listen 127.0.0.1:8080"),
            ("store.data_dir", "--data-dir 127.0.0.1:8080"),
            ("http.tls.key", "--tls-key 127.0.0.1:8080"),
            ("amqp.url", "--amqp-url 127.0.0.1:8080"),
        ] {
            let flag = Origin::Flag(name.to_owned());
            assert_eq!(flag.written(name, "\"127.0.0.1:8080\""), written);
        }
    }
}
