//! Whether the database's files are still those that were opened. What is written into a file that was
//! deleted or replaced is gone with this process: it must not be accepted.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::database::StoreError;

/// A file's device and number in it.
type Identity = (u64, u64);

/// The files of an open database.
#[derive(Debug)]
pub(super) struct Files {
    database: (PathBuf, Identity),
    /// Made by the first write, and there for as long as a connection is.
    log: (PathBuf, OnceLock<Identity>),
}

impl Files {
    /// As they are now, right after the database was opened.
    pub(super) fn opened(path: &Path) -> Result<Files, StoreError> {
        let found = identity(path).map_err(|e| StoreError::Unavailable(Box::new(e)))?;
        let mut log = OsString::from(path);
        log.push("-wal");
        Ok(Files { database: (path.to_owned(), found), log: (log.into(), OnceLock::new()) })
    }

    /// An error says that one of them is not where it was.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let (path, opened) = &self.database;
        same(path, *opened)?;
        let (path, opened) = &self.log;
        match opened.get() {
            Some(opened) => same(path, *opened),
            None => {
                if let Ok(found) = identity(path) {
                    opened.get_or_init(|| found);
                }
                Ok(())
            }
        }
    }
}

fn same(path: &Path, opened: Identity) -> Result<(), StoreError> {
    let wrong = match identity(path) {
        Ok(found) if found == opened => return Ok(()),
        Ok(_) => "was replaced by another file while it was in use: restart".to_owned(),
        Err(error) => format!("no longer exists: {error}"),
    };
    Err(StoreError::Unavailable(format!("the database file {} {wrong}", path.display()).into()))
}

fn identity(path: &Path) -> io::Result<Identity> {
    path.metadata().map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_or_replaced_is_noticed_and_one_that_is_back_is_well() {
        let directory = tempfile::tempdir().unwrap();
        let (path, aside) = (directory.path().join("a"), directory.path().join("b"));
        std::fs::write(&path, "1").unwrap();
        let files = Files::opened(&path).unwrap();
        assert!(files.check().is_ok());
        std::fs::rename(&path, &aside).unwrap();
        assert!(files.check().unwrap_err().to_string().contains("no longer exists"));
        std::fs::copy(&aside, &path).unwrap();
        assert!(files.check().unwrap_err().to_string().contains("was replaced"));
        std::fs::rename(&aside, &path).unwrap();
        assert!(files.check().is_ok());
        std::fs::write(directory.path().join("a-wal"), "1").unwrap();
        assert!(files.check().is_ok());
        std::fs::remove_file(directory.path().join("a-wal")).unwrap();
        assert!(files.check().is_err());
    }
}
