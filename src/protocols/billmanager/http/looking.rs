//! What only looks.

use super::auth::Caller;
use super::error::Problem;
use super::writing::own;
use super::{Asked, Given};
use crate::domain::money::shown;
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::model::PaymentStatus;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::sql::views::{MOST_PAYMENTS, PaymentFilter};
use crate::protocols::billmanager::wire::{forms, summary};

/// `cartorder`
pub(super) async fn order(asked: &Asked<'_>, caller: &Caller) -> Result<Given, Problem> {
    let Asked { app, params, lang, out, .. } = asked;
    let id = params.required_id("elid")?;
    let object = own(asked, caller, Numbered::Order, id, "elid").await?;
    let order = Tables::of(&app.store).order(object, id).await?.ok_or_else(|| {
        Fault::absent("elid", format!("Заказа {id} нет"), format!("There is no order {id}"))
    })?;
    Ok(summary::elements(&order, *lang, out.as_str()).into())
}

/// `payment`
pub(super) async fn payments(asked: &Asked<'_>, caller: &Caller) -> Result<Given, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let status = match params.id("status")? {
        None => None,
        Some(number) => Some(PaymentStatus::numbered(number).ok_or_else(|| {
            let told = shown(&number.to_string());
            let ru = format!("{told}: нужно число от 1 до 7");
            Fault::value("status", ru, format!("{told}: it must be from 1 to 7"))
        })?),
    };
    let most = params.id("p_cnt")?.unwrap_or(MOST_PAYMENTS);
    let filter = PaymentFilter {
        user: caller.client(),
        id: params.id("id")?,
        order: params.id("billorder")?,
        status,
        most: most.min(MOST_PAYMENTS),
    };
    Ok(forms::payments(&Tables::of(&app.store).payments(filter).await?, *lang).into())
}
