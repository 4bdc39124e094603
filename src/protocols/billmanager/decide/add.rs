//! Putting a line item into the cart, or ordering it at once.

use super::confirm::from_balance;
use super::pricing::{self, Priced};
use super::{Decision, Job, Payable, account, covered, fresh, make_order, no_number};
use crate::domain::money::Money;
use crate::protocols::billmanager::command::{Add, Answered, Fault, FaultKind, Ordered};
use crate::protocols::billmanager::model::{Item, ItemStatus, LedgerState, Pricelist};

/// The most line items of a cart.
pub const MOST_IN_CART: usize = 100;

pub(super) fn decide(ledger: &mut LedgerState, job: Job, add: &Add) -> Decision {
    let item = item(ledger, job, add)?;
    let numbers = fresh(ledger, job);
    let id = numbers.item.ok_or_else(no_number)?;
    if !add.skip_basket {
        if ledger.cart(job.key.object).len() >= MOST_IN_CART {
            let ru = format!("В корзине уже {MOST_IN_CART} позиций, больше нельзя");
            let en = format!("The cart has {MOST_IN_CART} line items, the most that it may have");
            return Err(Fault::new(FaultKind::Limit, "cart", ru, en));
        }
        ledger.add_item((job.key.object, id), item);
        return Ok(Answered::Added(id));
    }
    let cost = item.cost();
    let rest = covered(account(ledger, job)?, cost)?;
    let order = numbers.order.ok_or_else(no_number)?;
    let payable = match cost {
        Money::ZERO => Payable::Free,
        cost => {
            let number = numbers.payment.ok_or_else(no_number)?;
            Payable::Balance { number, payment: from_balance(ledger, job, order, cost)?, rest }
        }
    };
    ledger.add_item((job.key.object, id), item);
    let ordered = make_order(ledger, job, order, vec![(id, cost)], cost, payable);
    Ok(Answered::Ordered(Ordered { item: Some(id), ..ordered }))
}

/// What would be put into the cart.
fn item(ledger: &LedgerState, job: Job, add: &Add) -> Result<Item, Fault> {
    let account = account(ledger, job)?;
    let list = ledger.pricelists.get(&add.pricelist);
    let list = list.filter(|list| list.provider == account.provider);
    let list = list.ok_or_else(|| {
        let ru = format!("Тарифа {} нет", add.pricelist);
        Fault::absent("pricelist", ru, format!("There is no price list {}", add.pricelist))
    })?;
    orderable(list, add, &account.currency)?;
    if let Some(datacenter) = add.datacenter
        && ledger.datacenters.get(&datacenter) != Some(&account.provider)
    {
        let ru = format!("Дата-центра {datacenter} нет");
        let en = format!("There is no data centre {datacenter}");
        return Err(Fault::absent("datacenter", ru, en));
    }
    let Priced { count, configuration, price } = pricing::price(list, add, add.period)?;
    Ok(Item {
        pricelist: list.id,
        itemtype: list.itemtype.clone(),
        name: list.name.clone(),
        period: add.period,
        count,
        datacenter: add.datacenter,
        autoprolong: renewal(list, add)?,
        parameters: add.parameters.clone(),
        configuration,
        currency: list.currency.clone(),
        price,
        discount: Money::ZERO,
        promocode: None,
        status: ItemStatus::Cart,
        task: job.key.guid,
        renewals: pricing::renewals(list, add),
        refund: list.refund,
    })
}

/// For which period it is renewed by itself, if it is: one that has a price, and an end.
fn renewal(list: &Pricelist, add: &Add) -> Result<Option<i64>, Fault> {
    if !add.autoprolong {
        return Ok(None);
    }
    let period = add.autoprolong_period.unwrap_or(add.period);
    let renewals = pricing::renewals(list, add);
    if !renewals.contains_key(&period) {
        let ru = format!("Тариф {} нельзя продлевать на период {period}", list.id);
        let en = format!("Price list {} cannot be renewed for the period {period}", list.id);
        return Err(Fault::value("autoprolong", ru, en));
    }
    Ok(Some(period))
}

fn orderable(list: &Pricelist, add: &Add, currency: &str) -> Result<(), Fault> {
    let id = list.id;
    let wrong = |ru: String, en: String| Err(Fault::value("pricelist", ru, en));
    if !list.active {
        let ru = format!("Тариф {id} сейчас нельзя заказать");
        return wrong(ru, format!("Price list {id} cannot be ordered at the moment"));
    }
    let function = |itemtype: &str, quick: bool| match quick {
        true => format!("{itemtype}.order.param"),
        false => format!("v2.{itemtype}.order.param"),
    };
    let (own, asked) = (function(&list.itemtype, list.quick), function(&add.itemtype, add.quick));
    if own != asked {
        let ru = format!("Тариф {id} заказывают функцией {own}, а не {asked}");
        return wrong(ru, format!("Price list {id} is ordered by {own}, not by {asked}"));
    }
    if list.currency != currency {
        let ru = format!("Тариф {id} в {}, а счёт в {currency}", list.currency);
        let en = format!("Price list {id} is in {}, and the account in {currency}", list.currency);
        return wrong(ru, en);
    }
    Ok(())
}
