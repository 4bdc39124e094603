//! What clients ask first: what is sold, who they are, and what they have.

use super::auth::{self, Caller, LONGEST_PASSWORD, SHORTEST_PASSWORD};
use super::error::Problem;
use super::queries::is_kind;
use super::{Asked, Reply};
use crate::protocols::billmanager::command::{Answered, Fault, FaultKind};
use crate::protocols::billmanager::passwords;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::users::Level;
use crate::protocols::billmanager::wire::document::Element;
use crate::protocols::billmanager::wire::{answer, pricelists, request, words};
use crate::runtime::environment;
use crate::web::problem::Problem as Plain;

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

/// `usrparam`: who it is; with `sok=ok` a new password, which ends the sessions of the user.
pub(super) async fn user_param(
    asked: &Asked<'_>,
    caller: &Caller,
) -> Result<Vec<Element>, Problem> {
    let Asked { app, users, params, .. } = asked;
    if !request::confirmed(params)? {
        return Ok(vec![Element::text("name", &caller.login), Element::text("lang", asked.lang)]);
    }
    // What an operator may do has a command of its own.
    if params.get("su").is_some() || caller.client().is_none() {
        let ru = "Пароль меняет сам клиент; администратор — командой wsa admin";
        let en = "A client changes its own password; an operator does with wsa admin";
        return Err(words::no_access("su", ru, en).into());
    }
    let passwd = params.required("passwd")?;
    if params.required("confirm")? != passwd {
        let ru = "Пароли не совпадают";
        return Err(Fault::value("confirm", ru, "The passwords are not the same").into());
    }
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&passwd.chars().count()) {
        let ru = format!("Пароль: от {SHORTEST_PASSWORD} до {LONGEST_PASSWORD} символов");
        let en = format!("A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters");
        return Err(Fault::value("passwd", ru, en).into());
    }
    let old = params.required("old_passwd")?;
    // A session alone, which somebody may have found, does not take a user over.
    auth::find(app, users, &caller.login, old).await.map_err(|problem| {
        match problem.fault.kind == FaultKind::Auth {
            true => {
                let ru = "Это не нынешний пароль";
                Fault::value("old_passwd", ru, "That is not the password").into()
            }
            false => problem,
        }
    })?;
    let password = passwd.to_owned();
    let hash = environment::blocking(move || passwords::hash(&password)).await;
    let hash = hash.ok().and_then(Result::ok).ok_or_else(|| {
        Problem::from(Plain::unavailable("the password cannot be kept at the moment"))
    })?;
    Tables::of(&app.store).set_password(&caller.login, &hash).await?;
    Ok(answer::elements(&Answered::Done, asked.lang))
}
