//! What only looks.

use super::auth::Caller;
use super::commands::own;
use super::error::Problem;
use super::{Asked, Reply, no_such_function};
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::sql::history::MOST_ENTRIES;
use crate::protocols::billmanager::wire::request::VENDORS_KINDS;
use crate::protocols::billmanager::wire::{filter, forms, services, summary};

/// `cartorder`
pub(super) async fn order(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, out, .. } = asked;
    let id = params.required_id("elid")?;
    let object = own(asked, caller, Numbered::Order, id, "elid").await?;
    let order = Tables::of(&app.store).order(object, id).await?.ok_or_else(|| {
        Fault::absent("elid", format!("Заказа {id} нет"), format!("There is no order {id}"))
    })?;
    Ok(summary::elements(&order, *lang, out.as_str()).into())
}

/// `payment`
pub(super) async fn payments(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let filter = filter::payments(params, caller.client())?;
    Ok(forms::payments(&Tables::of(&app.store).payments(filter).await?, *lang).into())
}

/// `subaccount.history`
pub(super) async fn history(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let project = params.id("project")?;
    let page = filter::page(params, MOST_ENTRIES)?;
    let tables = Tables::of(&app.store);
    let accounts = tables.balances(caller.as_client()?, project).await?;
    // A client has few accounts, mostly one; without a project it is the first.
    let Some(account) = accounts.first() else { return Ok(Vec::new().into()) };
    let lines = tables.history(account.object, page.most, page.skip).await?;
    Ok(forms::history(&lines, &account.currency, *lang).into())
}

/// `service`, `item` and the kinds of products: services, the newest first.
pub(super) async fn services(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: Option<&str>,
) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let tables = Tables::of(&app.store);
    is_kind(asked, kind).await?;
    let filter = services::filter(params, caller.client(), kind)?;
    Ok(services::list(&tables.services(filter).await?, *lang).into())
}

/// A function that is named for a kind of product is there when the vendor or the catalogue has it.
pub(super) async fn is_kind(asked: &Asked<'_>, kind: Option<&str>) -> Result<(), Problem> {
    if let Some(kind) = kind
        && !VENDORS_KINDS.contains(&kind)
        && Tables::of(&asked.app.store).itemtype(kind).await?.is_none()
    {
        return Err(no_such_function().into());
    }
    Ok(())
}

/// `service.pending`: what provisioning has to do, the longest waiting first.
pub(super) async fn pending(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    caller.as_administrator()?;
    let filter = services::filter(params, None, None)?;
    Ok(services::to_do(&Tables::of(&app.store).pending_services(filter).await?, *lang).into())
}
