//! File descriptors: each connection needs one, and so does everything else that this process has open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::config::Settings;

/// What a process has open beside connections: its store's files, its log, the runtime's own.
const OWN: u64 = 64;

/// How many connections may be served at once: as the settings say, or fewer where the system does not
/// allow so many open files. First asks the system for as many as it may have.
pub(super) fn allow(settings: &Settings) -> usize {
    let wanted = settings.http.connections;
    let others = OWN + settings.store.pool_size as u64 + settings.callbacks.concurrency as u64;
    let open = match raise(wanted as u64 + others) {
        Ok(open) => open,
        Err(error) => {
            tracing::warn!(%error, "how many files may be open is not known: {error}");
            return wanted;
        }
    };
    let room = usize::try_from(open.saturating_sub(others)).unwrap_or(usize::MAX).max(1);
    if room < wanted {
        tracing::warn!(
            "{room} connections at once instead of http.connections = {wanted}: this process may have \
             {open} files open (ulimit -n, LimitNOFILE)"
        );
    }
    room.min(wanted)
}

/// Many shells and units allow 1024 unless they are asked.
fn raise(needed: u64) -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= needed {
        return Ok(soft);
    }
    let allowed = needed.min(hard);
    setrlimit(Resource::RLIMIT_NOFILE, allowed, hard)?;
    Ok(allowed)
}
