//! Sees to it that what is declared stays declared. An exchange, a queue or a binding that somebody removes is
//! missed by those who publish to it, and they may be strangers: nobody here would notice.
//!
//! Declaring again is cheap and heals it. Where that cannot be, readiness says so.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use lapin::Channel;
use lapin::types::ShortString;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connection::Link;
use super::declaring::TopologyError;
use super::topology::{self, Names};

/// How often the intake is looked at: its callers are told `NO_ROUTE` meanwhile.
pub(super) const INTAKE_EVERY: Duration = Duration::from_secs(1);
/// How often everything is: who publishes there notices himself.
pub(super) const ALL_EVERY: Duration = Duration::from_secs(5);
/// How long the broker may take to declare all of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is watched.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// What upstream services publish to.
    Intake,
    /// Everything, and the process's own queue of announcements.
    All {
        /// That queue.
        announced: ShortString,
    },
}

/// How the declared parts stand, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Well = 0,
    Different = 1,
    Missing = 2,
    Silent = 3,
    Failed = 4,
}

/// How a part stands, for readiness.
#[derive(Debug, Default)]
pub(super) struct Standing(AtomicU8);

impl Standing {
    fn set(&self, state: State) {
        self.0.store(state as u8, Ordering::Relaxed);
    }

    /// What is wrong; `None` when nothing is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some("an exchange or queue is declared differently"),
            2 => Some("an exchange or queue is missing and may not be declared"),
            3 => Some("not answering"),
            _ => Some("exchanges and queues cannot be declared"),
        }
    }
}

/// Whether the intake takes anything, for readiness.
#[derive(Debug, Default)]
pub(super) struct Subscribed {
    live: AtomicBool,
    standing: Arc<Standing>,
}

impl Subscribed {
    /// Says whether there is a consumer.
    pub(super) fn set(&self, live: bool) {
        self.live.store(live, Ordering::Relaxed);
    }

    /// How what is published to stands.
    pub(super) fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// What is wrong; `None` when nothing is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        // Why nobody subscribes may well be what is wrong with the queue.
        let consuming = self.live.load(Ordering::Relaxed);
        self.standing.fault().or((!consuming).then_some("not consuming"))
    }
}

/// Declares a part again and again.
pub(super) struct Watch {
    part: Part,
    names: Arc<Names>,
    standing: Arc<Standing>,
    /// The link of the channel, where that may change.
    on: Option<Weak<Link>>,
    /// Kept while it lasts: the broker closes it with every refusal.
    channel: Option<Channel>,
    /// What was last logged.
    message: Option<String>,
}

/// What a look has found.
struct Found {
    state: State,
    /// For the log.
    sentence: Option<String>,
}

impl Watch {
    pub(super) fn new(part: Part, names: Arc<Names>, standing: Arc<Standing>) -> Watch {
        Watch { part, names, standing, on: None, channel: None, message: None }
    }

    /// Looks again and again; never completes.
    pub(super) async fn keep(mut self, link: &Link, every: Duration) {
        loop {
            sleep(every).await;
            self.look(link).await;
        }
    }

    /// Does so on whichever link there is, until there will be none any more.
    pub(super) async fn keep_on(
        mut self,
        mut links: watch::Receiver<Option<Arc<Link>>>,
        every: Duration,
    ) {
        let up = |link: &Option<Arc<Link>>| link.as_ref().is_some_and(|link| link.is_up());
        loop {
            sleep(every).await;
            let link = links.wait_for(up).await.map(|link| link.clone());
            let Ok(Some(link)) = link else { return };
            if !self.on.as_ref().is_some_and(|on| Weak::ptr_eq(on, &Arc::downgrade(&link))) {
                (self.on, self.channel) = (Some(Arc::downgrade(&link)), None);
            }
            self.look(&link).await;
        }
    }

    /// Declares the part on this link, and notes how it stands.
    async fn look(&mut self, link: &Link) {
        let found = match timeout(PATIENCE, self.ensure(link)).await {
            Ok(found) => found,
            Err(_) => {
                self.channel = None;
                let sentence = format!("RabbitMQ did not declare them within {PATIENCE:?}");
                Found { state: State::Silent, sentence: Some(sentence) }
            }
        };
        // The loss of a connection is noticed and told elsewhere.
        if !link.is_up() {
            return;
        }
        self.standing.set(found.state);
        self.tell(found);
    }

    fn tell(&mut self, found: Found) {
        if found.sentence == self.message {
            return;
        }
        let part = match self.part {
            Part::Intake => "the intake of upstream services",
            Part::All { .. } => "exchanges and queues",
        };
        match (&found.sentence, found.state) {
            (Some(sentence), State::Well) => tracing::warn!("{part}: {sentence}"),
            (Some(sentence), _) => tracing::error!("{part}: {sentence}"),
            (None, _) => tracing::info!("{part}: as they should be again"),
        }
        self.message = found.sentence;
    }

    async fn ensure(&mut self, link: &Link) -> Found {
        let error = match self.declare(link).await {
            Ok(()) => return Found { state: State::Well, sentence: None },
            Err(error) => error,
        };
        self.channel = None;
        if error.is_forbidden() {
            return self.find(link, error).await;
        }
        let state = match error {
            TopologyError::Different { .. } => State::Different,
            TopologyError::Failed { .. } => State::Failed,
        };
        Found { state, sentence: Some(error.to_string()) }
    }

    async fn declare(&mut self, link: &Link) -> Result<(), TopologyError> {
        let channel = self.channel(link).await?;
        match &self.part {
            Part::Intake => topology::declare_intake(&channel, &self.names).await,
            Part::All { announced } => {
                topology::declare(&channel, &self.names).await?;
                topology::bind_announced(&channel, &self.names, announced).await
            }
        }
    }

    /// Where declaring is not permitted, looking still is.
    async fn find(&mut self, link: &Link, forbidden: TopologyError) -> Found {
        let found = match self.channel(link).await {
            Ok(channel) => match self.part {
                Part::Intake => topology::find_intake(&channel, &self.names).await,
                Part::All { .. } => topology::find(&channel, &self.names).await,
            },
            Err(error) => Err(error),
        };
        match found {
            Ok(()) => {
                let sentence = format!(
                    "{forbidden}; they are there, but a binding that is removed would not be noticed"
                );
                Found { state: State::Well, sentence: Some(sentence) }
            }
            Err(error) => {
                self.channel = None;
                let state = if error.is_missing() { State::Missing } else { State::Failed };
                Found { state, sentence: Some(format!("{forbidden}; {error}")) }
            }
        }
    }

    async fn channel(&mut self, link: &Link) -> Result<Channel, TopologyError> {
        if let Some(channel) = self.channel.take_if(|channel| channel.status().connected()) {
            return Ok(self.channel.insert(channel).clone());
        }
        let failed = |source| TopologyError::Failed { what: "anything".to_owned(), source };
        let channel = link.consuming_channel().await.map_err(failed)?;
        Ok(self.channel.insert(channel).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_one_has_a_word() {
        let standing = Standing::default();
        assert_eq!(standing.fault(), None, "nothing is wrong before anything was seen");
        let states = [State::Different, State::Missing, State::Silent, State::Failed];
        let words = states.map(|state| {
            standing.set(state);
            standing.fault().unwrap()
        });
        assert_eq!(std::collections::HashSet::from(words).len(), states.len());
        standing.set(State::Well);
        assert_eq!(standing.fault(), None);
    }
}
