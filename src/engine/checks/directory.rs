//! Whether a data directory can hold an embedded store, and nobody else serves it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, bail};

/// The file that a `wsa up` holds locked for as long as it runs.
const LOCK: &str = "wsa.lock";

/// A data directory that is this process's own until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Held {
    _lock: File,
}

/// Makes the directory when it is not there, and takes it. Two `wsa up` at once would each believe that what
/// waits in the other's queue is lost.
pub fn hold(directory: &Path) -> anyhow::Result<Held> {
    let shown = directory.display();
    std::fs::create_dir_all(directory)
        .with_context(|| format!("the data directory {shown} cannot be made"))?;
    let mut file = OpenOptions::new();
    file.read(true).write(true).create(true).truncate(false);
    let mut lock = file.open(directory.join(LOCK)).with_context(|| {
        format!(
            "the data directory {shown} cannot be written: store.data_dir must name one that can"
        )
    })?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only for the sentence.
            let _ = lock.read_to_string(&mut holder);
            let holder = holder.trim();
            let who =
                if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
            bail!(
                "another `wsa up`{who} uses the data directory {shown}: end it first, or name another with \
                 --data-dir; several processes need PostgreSQL and RabbitMQ"
            );
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| {
                format!(
                    "files cannot be locked in the data directory {shown}: its file system must be a local one"
                )
            });
        }
    }
    let note = |lock: &mut File| {
        lock.set_len(0)?;
        lock.seek(SeekFrom::Start(0))?;
        writeln!(lock, "{}", std::process::id())
    };
    note(&mut lock).with_context(|| {
        format!("the data directory {shown} cannot be written: is its disk full?")
    })?;
    Ok(Held { _lock: lock })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_held_by_one_and_free_again_after_it() {
        let directory = tempfile::tempdir().unwrap();
        let held = hold(directory.path()).unwrap();
        let message = hold(directory.path()).unwrap_err().to_string();
        let who = format!("another `wsa up` (process {}) uses the data", std::process::id());
        assert!(message.starts_with(&who), "{message}");
        drop(held);
        drop(hold(directory.path()).unwrap());
        let message = hold(Path::new("/proc/self")).unwrap_err().to_string();
        assert!(
            message.starts_with("the data directory /proc/self cannot be written"),
            "{message}"
        );
    }
}
