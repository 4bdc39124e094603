//! Files of settings that a flag or a variable names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::SettingsError;

/// The variable that names a file of `config/`.
const ENVIRONMENT: &str = "WSA_ENVIRONMENT";
/// The variable that names a file of settings.
const FILE: &str = "WSA_CONFIG";
/// The flag that does.
const FILE_FLAG: &str = "--config";

/// A file of settings that somebody names.
pub(super) struct Named {
    /// The file.
    pub(super) path: PathBuf,
    /// By what, as a sentence has it.
    by: String,
}

/// The files of settings, later ones win.
pub(super) fn named_files(
    file: Option<&Path>,
    variables: &[(OsString, OsString)],
) -> Result<Vec<Named>, SettingsError> {
    let mut files = Vec::new();
    if let Some(environment) = text_of(ENVIRONMENT, variables)? {
        let path = PathBuf::from(format!("config/{environment}.toml"));
        files.push(Named { path, by: format!("{ENVIRONMENT}={environment}") });
    }
    let by_variable = text_of(FILE, variables)?.map(|path| (PathBuf::from(path), FILE));
    if let Some((path, by)) = file.map(|path| (path.to_owned(), FILE_FLAG)).or(by_variable) {
        files.push(Named { path, by: by.to_owned() });
    }
    Ok(files)
}

impl Named {
    /// Its text.
    pub(super) fn read(&self) -> Result<String, SettingsError> {
        std::fs::read_to_string(&self.path).map_err(|error| {
            let remedy = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    let here = std::env::current_dir().unwrap_or_default();
                    format!(
                        "there is none, seen from {}: create it, for example with the lines \
                         [log] and format = \"json\", or name none",
                        here.display()
                    )
                }
                _ => format!("it cannot be read: {error}"),
            };
            SettingsError::File { path: self.path.clone(), by: self.by.clone(), problem: remedy }
        })
    }

    /// That it cannot be parsed.
    pub(super) fn no_toml(&self, error: &config::ConfigError) -> SettingsError {
        let problem = format!(
            "it is not TOML, such as [worker] and below it batch = 128: {}",
            error.to_string().trim_end()
        );
        SettingsError::File { path: self.path.clone(), by: self.by.clone(), problem }
    }
}

/// A variable; an empty one names nothing.
fn text_of<'a>(
    wanted: &str,
    variables: &'a [(OsString, OsString)],
) -> Result<Option<&'a str>, SettingsError> {
    let Some((_, value)) = variables.iter().find(|(name, _)| name == wanted) else {
        return Ok(None);
    };
    let value = value.to_str().ok_or_else(|| no_text(wanted))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// A variable whose value is not text.
pub(super) fn no_text(name: &str) -> SettingsError {
    SettingsError::Variable { name: name.to_owned(), problem: "is no text in UTF-8".into() }
}
