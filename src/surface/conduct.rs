//! Who acts through a command, and why: what is written in a store that is opened within it is entered in the journal, in
//! the same transaction.

use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via};

tokio::task_local! {
    static CONDUCT: Conduct;
}

/// A command, as it stands in the journal.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Who runs it.
    pub actor: Actor,
    /// What it is.
    pub act: Act,
}

impl Conduct {
    /// Does something as this.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CONDUCT.scope(self, work).await
    }
}

/// Who acts now, and why as it was said. Outside of a command: the program itself.
pub fn now() -> (Actor, Option<String>) {
    let conduct = CONDUCT.try_with(|conduct| (conduct.actor.clone(), conduct.act.reason.clone()));
    conduct.unwrap_or_else(|_| (Actor { who: "wsa".to_owned(), role: None, via: Via::Cli }, None))
}

/// The store, whose changes are entered in the journal while somebody acts.
pub(super) fn recorded(store: Store) -> Store {
    match CONDUCT.try_with(Clone::clone) {
        Ok(Conduct { actor, act }) => store.recorded(actor, act),
        Err(_) => store,
    }
}
