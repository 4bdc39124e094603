//! A request that acts: who asks, and what its body says. The role is asked for before anything is read.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::params::Params;
use super::{Shared, places};
use crate::engine::store::journal::Via;
use crate::ops::access::{self, Operator, Role};
use crate::ops::actions::Acting;
use crate::ops::problem::Problem;
use crate::web::parameters::Place;
use crate::web::request::read_body;

/// What a route comes to.
pub(super) type Answer = Result<Response, Problem>;

/// Why, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    #[serde(default)]
    pub(super) reason: String,
}

/// Why, with the number that was counted before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    #[serde(default)]
    pub(super) reason: String,
    pub(super) expected: u64,
}

/// A request that acts.
pub(super) struct Ask {
    pub(super) state: Shared,
    operator: Operator,
    parts: Parts,
    body: Body,
}

impl FromRequest<Shared> for Ask {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Shared) -> Result<Ask, Problem> {
        let (parts, body) = request.into_parts();
        let operator = access::of_request(state, &parts.headers).await?;
        Ok(Ask { state: state.clone(), operator, parts, body })
    }
}

impl Ask {
    /// What the body says, of somebody with this role. The URL has no parameters.
    pub(super) async fn read<T: DeserializeOwned>(&mut self, needed: Role) -> Result<T, Problem> {
        Ok(self.narrowed(needed, &places::NOTHING).await?.0)
    }

    /// The same, narrowed by the parameters of the URL.
    pub(super) async fn narrowed<T: DeserializeOwned>(
        &mut self,
        needed: Role,
        place: &Place,
    ) -> Result<(T, Params), Problem> {
        self.operator.require(needed)?;
        let params = Params::read(place, &self.parts.uri)?;
        let body = std::mem::take(&mut self.body);
        let text = read_body(&self.state.app, &self.parts.headers, body).await;
        let text = text.map_err(Problem::from)?;
        let read = serde_json::from_str(&text);
        let said = read.map_err(|error| Problem::bad(format!("the body: {error}")))?;
        Ok((said, params))
    }

    /// Whoever is about to act, and why.
    pub(super) fn acting(&self, needed: Role, reason: &str) -> Result<Acting<'_>, Problem> {
        Acting::begin(&self.state, (&self.operator, Via::Api), needed, reason)
    }
}
