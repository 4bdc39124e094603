//! What clients ask first: what is sold, who they are, and what they have.

use super::auth::Caller;
use super::error::Problem;
use super::queries::is_kind;
use super::{Asked, Reply};
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::users::Level;
use crate::protocols::billmanager::wire::document::Element;
use crate::protocols::billmanager::wire::{pricelists, request};

/// `pricelist.export`
pub(super) async fn export(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let filter = pricelists::filter(params)?;
    let lists = Tables::of(&app.store).sold().await?;
    Ok(pricelists::exported(lists.iter().filter(|list| filter.lets(list)), *lang).into())
}

/// `v2.{itemtype}.order.pricelist`
pub(super) async fn pricelists(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: &str,
) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    is_kind(asked, Some(kind)).await?;
    let (client, project) = (caller.as_client()?, params.id("project")?);
    let tables = Tables::of(&app.store);
    let offer = tables.offer(client, kind, project, None).await?;
    let lists = tables.sold().await?;
    let offered = lists.iter().filter(|list| offer.pricelists.contains_key(&list.id));
    Ok(pricelists::offered(offered, *lang).into())
}

/// `subaccount`
pub(super) async fn subaccount(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let project = asked.params.id("project")?;
    let found = Tables::of(&asked.app.store).balances(caller.as_client()?, project).await?;
    let elem = found.iter().map(|account| {
        Element::elem()
            .child(Element::text("id", account.object))
            .child(Element::text("balance", account.balance))
            .child(Element::text("currency", &account.currency))
            .child(Element::text("project", &account.provider_name).with("id", account.provider))
    });
    Ok(elem.collect::<Vec<_>>().into())
}

/// `whoami`
pub(super) fn who_am_i(caller: &Caller) -> Vec<Element> {
    let level = if caller.client().is_some() { Level::Client } else { Level::Administrator };
    let user = Element::new("user").with("name", &caller.login);
    vec![user.with("level", level.number())]
}

/// `usrparam`, which nobody can change here.
pub(super) fn user_param(asked: &Asked<'_>, caller: &Caller) -> Result<Vec<Element>, Problem> {
    if request::confirmed(&asked.params)? {
        let ru = "Настройки пользователя здесь не меняются";
        return Err(Fault::value("sok", ru, "The settings of a user are not changed here").into());
    }
    Ok(vec![Element::text("name", &caller.login), Element::text("lang", asked.lang)])
}
