//! What only looks.

use super::auth::Caller;
use super::commands::own;
use super::error::Problem;
use super::{Asked, Reply};
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::wire::{filter, forms, summary};

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
