//! Tokens of callers (administrators) and their licences (finance).

use serde_json::json;

use super::{Acting, changing};
use crate::domain::task::ObjectId;
use crate::domain::token::{self, TokenHash};
use crate::engine::store::reference::Aggregator;
use crate::ops::access::Role;
use crate::ops::problem::{Problem, not_found};

/// The role that a new token needs.
pub const ROTATE: Role = Role::Admin;
/// The role that withdrawing a licence needs.
pub const WITHDRAW: Role = Role::Finance;

async fn caller(acting: &Acting<'_>, name: &str) -> Result<Aggregator, Problem> {
    let all = acting.state.store().aggregators().await?;
    let found = all.into_iter().find(|caller| caller.name == name);
    found.ok_or_else(|| not_found(format!("there is no caller {name:?}")))
}

/// Gives a caller another token, which is shown this once; the old one is invalid at once.
pub async fn rotate_token(acting: &Acting<'_>, name: &str) -> Result<String, Problem> {
    let caller = caller(acting, name).await?;
    let token = token::generate();
    let store = acting.store(acting.act("caller.rotate-token", "caller", &caller.name));
    match store.rotate_token(name, TokenHash::of(&token)).await? {
        Some(_) => Ok(token),
        None => Err(not_found(format!("there is no caller {name:?}"))),
    }
}

/// Takes a caller's licence for an object away. Tasks that were accepted before keep their answers.
pub async fn withdraw_licence(
    acting: &Acting<'_>,
    name: &str,
    object: ObjectId,
) -> Result<(), Problem> {
    let caller = caller(acting, name).await?;
    let act = acting.act("caller.withdraw-licence", "caller", &caller.name);
    let of = |licensed: bool| Some(json!({"objectId": object.0, "licensed": licensed}));
    let store = acting.store(changing(act, of(true), of(false)));
    match store.remove_licence(caller.id, object).await? {
        true => Ok(()),
        false => Err(not_found(format!("{name:?} has no licence for the object {object}"))),
    }
}
