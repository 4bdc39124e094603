//! Starting what runs beside its caller: `tokio::spawn`. In tests, what is started by a process of the
//! simulation ends when that process is killed.

#[cfg(test)]
pub(crate) use crate::simulation::process::spawn;
#[cfg(not(test))]
pub(crate) use tokio::spawn;

/// `tokio::task::spawn_blocking`. In the simulation the work is done where it is called: threads would make a run
/// depend on how fast they are.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    #[cfg(test)]
    if crate::simulation::process::life().is_some() {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await
}
