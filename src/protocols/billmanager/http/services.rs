//! What is done to a service: with `sok=ok` a task and its answer, without it the form.

use super::auth::Caller;
use super::commands::submit;
use super::error::Problem;
use super::queries::is_kind;
use super::{Asked, Reply};
use crate::protocols::billmanager::command::{Ask, Fault, Provision, Step};
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::services::{ListedService, ServiceFilter};
use crate::protocols::billmanager::wire::{request, services};

/// `service.edit` and `{kind}.edit`
pub(super) async fn edit(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: Option<&str>,
) -> Result<Reply, Problem> {
    services::button(&asked.params)?;
    let found = find(asked, caller, kind).await?;
    if !request::confirmed(&asked.params)? {
        request::autoprolong(&asked.params)?;
        return Ok(services::form(&found, asked.lang).into());
    }
    let (autoprolong, period) = services::autoprolong(&asked.params)?;
    let ask = Ask::EditService { service: found.id, autoprolong, period };
    submit(asked, caller, found.object, ask).await
}

/// `service.delete` and `{kind}.delete`
pub(super) async fn delete(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: Option<&str>,
) -> Result<Reply, Problem> {
    let found = find(asked, caller, kind).await?;
    if !request::confirmed(&asked.params)? {
        return Ok(services::form(&found, asked.lang).into());
    }
    submit(asked, caller, found.object, Ask::DeleteService(found.id)).await
}

/// `service.prolong`
pub(super) async fn prolong(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    services::button(&asked.params)?;
    let found = find(asked, caller, None).await?;
    if !request::confirmed(&asked.params)? {
        if asked.params.get("period").is_some() {
            services::period(&asked.params)?;
        }
        return Ok(services::form(&found, asked.lang).into());
    }
    let period = services::period(&asked.params)?;
    submit(asked, caller, found.object, Ask::Prolong { service: found.id, period }).await
}

/// `service.open`, `service.suspend`, `service.resume`, `service.close`
pub(super) async fn provision(
    asked: &Asked<'_>,
    caller: &Caller,
    step: Step,
) -> Result<Reply, Problem> {
    caller.as_administrator()?;
    let ip = services::ip(&asked.params)?;
    let found = find(asked, caller, None).await?;
    if !request::confirmed(&asked.params)? {
        return Ok(services::form(&found, asked.lang).into());
    }
    let ask = Ask::Provision(Provision { service: found.id, step, ip });
    submit(asked, caller, found.object, ask).await
}

/// The service that `elid` names. What is another client's, or of another kind than the function is named for, is as
/// good as none.
async fn find(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: Option<&str>,
) -> Result<ListedService, Problem> {
    is_kind(asked, kind).await?;
    let id = asked.params.required_id("elid")?;
    let (user, itemtype) = (caller.client(), kind.map(str::to_owned));
    let filter =
        ServiceFilter { user, id: Some(id), itemtype, most: 1, ..ServiceFilter::default() };
    let found = Tables::of(&asked.app.store).services(filter).await?.into_iter().next();
    Ok(found.ok_or_else(|| {
        Fault::absent("elid", format!("Услуги {id} нет"), format!("There is no service {id}"))
    })?)
}
