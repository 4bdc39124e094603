//! What only looks.

use super::auth::Caller;
use super::error::Refused;
use super::writing::own;
use super::{Asked, Given};
use crate::money::shown;
use crate::protocol::billmanager::{forms, summary};
use crate::store::billmanager::accounts::Numbered;
use crate::store::billmanager::views::{MOST_PAYMENTS, PaymentFilter};
use crate::task::billmanager::Fault;
use crate::world::billmanager::PaymentStatus;

/// `cartorder`
pub(super) async fn order(asked: &Asked<'_>, caller: &Caller) -> Result<Given, Refused> {
    let Asked { app, params, lang, out, .. } = asked;
    let id = params.required_id("elid")?;
    let object = own(asked, caller, Numbered::Order, id, "elid").await?;
    let order = app.store.bm_order(object, id).await?.ok_or_else(|| {
        Fault::absent("elid", format!("Заказа {id} нет"), format!("There is no order {id}"))
    })?;
    Ok(summary::elements(&order, *lang, out.as_str()).into())
}

/// `payment`
pub(super) async fn payments(asked: &Asked<'_>, caller: &Caller) -> Result<Given, Refused> {
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
    Ok(forms::payments(&app.store.bm_payments(filter).await?, *lang).into())
}
