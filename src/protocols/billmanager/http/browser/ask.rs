//! What the forms of the page ask for: the same tasks as over the API, under the same rules.

use std::collections::BTreeMap;

use super::Visitor;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::protocols::billmanager::command::{Answered, Ask, Confirm, Fault, Ordered, PayBy};
use crate::protocols::billmanager::http::auth::Caller;
use crate::protocols::billmanager::http::commands::{self, Name};
use crate::protocols::billmanager::http::error::Problem;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::sql::reference::ProfileKind;
use crate::protocols::billmanager::wire::browser::Shown;
use crate::protocols::billmanager::wire::params::none_of;

/// The longest name of a payer, in characters.
const LONGEST_PAYER: usize = 255;

/// What is selected of a client's cart, or all of its first cart; and how it can be paid.
pub(super) async fn cart(
    visitor: &Visitor<'_>,
    client: i64,
    selected: &[i64],
) -> Result<Shown, Problem> {
    let object = account(visitor, client, selected).await?;
    let tables = Tables::of(&visitor.app.store);
    let mut items = tables.cart(object).await?;
    if !selected.is_empty() {
        items.retain(|(id, _)| selected.contains(id));
        if let Some(gone) = selected.iter().find(|id| !items.iter().any(|(there, _)| there == *id))
        {
            return Err(not_in_cart(*gone).into());
        }
    }
    Ok(Shown { items, ways: tables.ways(object).await? })
}

/// A new payer of the client at the provider of what is selected.
pub(super) async fn add_payer(visitor: &Visitor<'_>, client: i64) -> Result<(), Problem> {
    let params = &visitor.params;
    let selected = params.ids("selected")?;
    let object = account(visitor, client, &selected).await?;
    let kind: Option<ProfileKind> = params.word("kind", "person, entrepreneur, company")?;
    let kind = kind.ok_or_else(|| Fault::missed("kind"))?;
    let name = params.required("name")?.trim();
    if name.is_empty() || name.chars().count() > LONGEST_PAYER {
        let ru = format!("Имя плательщика: от 1 до {LONGEST_PAYER} символов");
        let en = format!("The name of a payer has 1 to {LONGEST_PAYER} characters");
        return Err(Fault::value("name", ru, en).into());
    }
    Tables::of(&visitor.app.store).add_profile(object, kind, name).await?;
    Ok(())
}

/// Orders what is selected. The key was made with the form: sent twice, it is one order.
pub(super) async fn order(
    visitor: &Visitor<'_>,
    caller: &Caller,
    client: i64,
) -> Result<Ordered, Problem> {
    let params = &visitor.params;
    let selected = params.ids("selected")?;
    let object = account(visitor, client, &selected).await?;
    let key = params.required("key")?;
    let (by, prefix) = pay_by(params.required("method")?)?;
    let chosen = params.beginning(&prefix);
    let parameters: BTreeMap<String, String> =
        chosen.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let confirm = Confirm {
        items: selected,
        by,
        profile: params.id("profile_id")?,
        store: params.flag("store_paymethod")?,
        parameters,
    };
    let guid = TaskGuid::derived(caller.aggregator.salt, &format!("page of the cart: {key}"));
    let name = Name { guid, named: true, digest: params.digest() };
    let app = visitor.app;
    let answered =
        commands::carry_out(app, &caller.aggregator, object, name, &Ask::Confirm(confirm)).await?;
    match answered {
        Answered::Ordered(ordered) => Ok(ordered),
        Answered::Refused(fault) => Err(Problem::from(fault).with_guid(guid)),
        Answered::Added(_) | Answered::Done => Err(Problem::unanswered(guid)),
    }
}

/// `0`: the balance; the number of a method; `stored-` and the number of one that was kept. With it, how the fields of
/// the method's own parameters begin.
fn pay_by(text: &str) -> Result<(PayBy, String), Fault> {
    let number = |text: &str| text.parse().ok().filter(|id| *id > 0);
    let wrong = || none_of("method", text, "0, a method, stored- and a stored method");
    let by = match text.strip_prefix("stored-") {
        None if text == "0" => PayBy::Balance,
        None => PayBy::Method(number(text).ok_or_else(wrong)?),
        Some(stored) => PayBy::Stored(number(stored).ok_or_else(wrong)?),
    };
    Ok((by, format!("of_{text}_")))
}

/// The account of what is selected; without a selection the client's first.
async fn account(
    visitor: &Visitor<'_>,
    client: i64,
    selected: &[i64],
) -> Result<ObjectId, Problem> {
    let tables = Tables::of(&visitor.app.store);
    let found = match selected.first() {
        Some(item) => {
            let whose = tables.account_of(Numbered::Item, *item).await?;
            // What is another client's is as good as none.
            whose.filter(|whose| whose.user == client).ok_or_else(|| not_in_cart(*item))?
        }
        None => tables.account_at(client, None).await?.ok_or_else(|| {
            Fault::absent("selected", "У клиента нет лицевого счёта", "The client has no account")
        })?,
    };
    Ok(found.object)
}

fn not_in_cart(item: i64) -> Fault {
    let ru = format!("В корзине нет позиции {item}: её нет, или она уже заказана");
    let en = format!("The cart has no line item {item}: there is none, or it was ordered");
    Fault::absent("selected", ru, en)
}
