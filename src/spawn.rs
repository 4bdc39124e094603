//! Starting what runs beside its caller: `tokio::spawn`. In tests, what is started by a process of the
//! simulation ends when that process is killed.

#[cfg(test)]
pub(crate) use crate::simulation::process::spawn;
#[cfg(not(test))]
pub(crate) use tokio::spawn;
