//! A copy of a database file, of one moment, while others read and write it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{BUSY, BUSY_AGAIN, classify};
use crate::database::StoreError;

/// Every page.
const ALL: i32 = -1;

/// Copies a database to a file that is not there yet. With a write-ahead log a copy in one go is a reader like any other:
/// it sees one moment, and no writer waits for it. The copy is checked and on the disk before it gets its name, and
/// stands alone: it has no log beside it. Gives its size in bytes.
pub fn copy(from: &Path, to: &Path) -> Result<u64, StoreError> {
    if to.symlink_metadata().is_ok() {
        return Err(StoreError::Refused(format!("{} is there already", to.display()).into()));
    }
    let part = Part::begin(to)?;
    // Without leave to make one: a copy of nothing is no backup.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags).map_err(classify)?;
    source.busy_timeout(BUSY).map_err(classify)?;
    let mut copy = Connection::open(&part.path).map_err(classify)?;
    {
        let copying = Backup::new(&source, &mut copy).map_err(classify)?;
        while copying.step(ALL).map_err(classify)? != StepResult::Done {
            std::thread::sleep(BUSY_AGAIN);
        }
    }
    let text = |pragma: &str| copy.query_row(pragma, [], |row| row.get::<_, String>(0));
    text("PRAGMA journal_mode = DELETE").map_err(classify)?;
    let sound = text("PRAGMA integrity_check(1)").map_err(classify)?;
    if sound != "ok" {
        let from = from.display();
        return Err(StoreError::Corrupt(format!("the copy of {from} is not sound: {sound}")));
    }
    copy.close().map_err(|(_, error)| classify(error))?;
    part.finish(to).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

/// A copy that is not finished: it goes when this is dropped.
struct Part {
    path: PathBuf,
}

impl Part {
    /// Readable by nobody else: a store holds tokens' hashes and the data of guests.
    fn begin(to: &Path) -> Result<Part, StoreError> {
        let mut name = to.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let path = PathBuf::from(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let unusable = |error| {
            let text = format!("{} cannot be written: {error}", path.display());
            StoreError::Refused(text.into())
        };
        made.map_err(unusable)?;
        Ok(Part { path })
    }

    /// Gives it its name, which nobody else may have taken meanwhile, once it is on the disk.
    fn finish(self, to: &Path) -> io::Result<u64> {
        let file = File::open(&self.path)?;
        file.sync_all()?;
        std::fs::hard_link(&self.path, to)?;
        let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // A name that stays is in nobody's way but of him who looks for space.
        let _ = std::fs::remove_file(&self.path);
    }
}
