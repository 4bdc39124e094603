//! The console: pages for operators, rendered by the server, at the listener of the operator's API. They show what
//! [`ops::queries`](crate::ops::queries) find and do what [`ops::actions`](crate::ops::actions) can do, nothing beside.
//!
//! Everything works without scripts, by links and plain forms. With them, figures change while they are looked at, and
//! charts are drawn. Whatever a page loads comes from this program; the policy of contents forbids all else.

mod assets;
mod events;
mod figures;
mod form;
mod html;
mod live;
mod pages;
mod respond;
mod visitor;
pub mod welcome;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;

use self::live::Live;
use crate::ops::state::OpsState;

/// What every page is given.
#[derive(Debug, Clone)]
pub struct Console {
    ops: OpsState,
    live: Arc<Live>,
}

impl FromRef<Console> for OpsState {
    fn from_ref(console: &Console) -> OpsState {
        console.ops.clone()
    }
}

impl Console {
    /// The console of a process.
    pub fn new(ops: OpsState) -> Console {
        Console { ops, live: Live::new() }
    }

    /// Its pages.
    pub fn routes(&self) -> Router {
        pages::routes().merge(assets::routes()).with_state(self.clone())
    }

    /// Reads figures as long as somebody looks at them, until no new requests are to be taken.
    pub async fn run(self) {
        let ending = self.ops.app.shutdown.no_new_requests.clone();
        tokio::select! {
            () = ending.cancelled() => {}
            () = self.live.run(self.ops) => {}
        }
    }
}
