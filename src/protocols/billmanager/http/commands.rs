//! What changes something: with `sok=ok` from a request to an accepted task and its answer, without it the
//! form.

use super::auth::Caller;
use super::error::Problem;
use super::{Asked, Reply, no_such_function};
use crate::domain::task::{NewTask, ObjectId, RequestDigest, TaskGuid, TaskKey};
use crate::engine::app::App;
use crate::engine::protocol::used;
use crate::engine::store::Registration;
use crate::engine::store::reference::Aggregator;
use crate::protocols::billmanager::command::{Answered, Ask, Fault, FaultKind, Given};
use crate::protocols::billmanager::decide::undeclared;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::sql::choosing::Offer;
use crate::protocols::billmanager::sql::payments::PaymentFilter;
use crate::protocols::billmanager::wire::request::Function;
use crate::protocols::billmanager::wire::{answer, forms, known, request, task_type};
use crate::web::accept;
use crate::web::request::idempotency_key;

/// `v2.{itemtype}.order.param` and `{itemtype}.order.param`.
pub(super) async fn order(
    asked: &Asked<'_>,
    caller: &Caller,
    itemtype: &str,
    quick: bool,
) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let quick = match Tables::of(&app.store).itemtype(itemtype).await? {
        // The old name of a kind of product that is not ordered quickly.
        Some(false) => false,
        Some(true) if quick => true,
        _ => return Err(no_such_function().into()),
    };
    let client = caller.as_client()?;
    if !request::confirmed(params)? {
        let (project, chosen) = (params.id("project")?, params.id("pricelist")?);
        let offer = Tables::of(&app.store).offer(client, itemtype, project, chosen).await?;
        declared(&offer, &request::further(params, quick))?;
        return Ok(forms::order(params, &offer, *lang).into());
    }
    let add = request::add(params, itemtype, quick)?;
    let account = Tables::of(&app.store).account_for(client, add.pricelist).await?;
    let account = account.ok_or_else(|| {
        let ru = format!("Тарифа {} нет", add.pricelist);
        Fault::absent("pricelist", ru, format!("There is no price list {}", add.pricelist))
    })?;
    at_project(asked, client, account.object).await?;
    submit(asked, caller, account.object, Ask::Add(add)).await
}

/// A form says what its order would refuse: what the chosen price list does not declare.
fn declared(offer: &Offer, given: &Given) -> Result<(), Fault> {
    let Some(list) = &offer.chosen else {
        return match given.0.keys().next() {
            None => Ok(()),
            Some(name) => {
                let ru = format!("Параметр {name} бывает только у тарифа: укажите pricelist");
                let en = format!("Only a price list has a parameter {name}: name it in pricelist");
                Err(Fault::value(name, ru, en))
            }
        };
    };
    undeclared(list, given).map_or(Ok(()), Err)
}

/// A `project` that is named must be the provider of what is asked for.
async fn at_project(asked: &Asked<'_>, client: i64, object: ObjectId) -> Result<(), Problem> {
    let Some(project) = asked.params.id("project")? else { return Ok(()) };
    let account = Tables::of(&asked.app.store).account_at(client, Some(project)).await?;
    if account.is_some_and(|account| account.object == object) {
        return Ok(());
    }
    let ru = format!("{project}: это другой провайдер");
    Err(Fault::value("project", ru, format!("{project}: that is another provider")).into())
}

/// `cart`
pub(super) async fn cart(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    let client = caller.as_client()?;
    let confirmed = request::confirmed(params)?;
    let ask = request::cart(params)?;
    let selected = match params.get("selected") {
        Some(_) => params.ids("selected")?,
        None => Vec::new(),
    };
    let object = match selected.first() {
        Some(item) => {
            let object = own(asked, caller, Numbered::Item, *item, "selected").await?;
            at_project(asked, client, object).await?;
            object
        }
        None => {
            let account = Tables::of(&app.store).account_at(client, params.id("project")?).await?;
            let absent = || {
                let ru = "У клиента нет учётной записи у этого провайдера";
                Fault::absent("project", ru, "The client has no account at the provider")
            };
            account.ok_or_else(absent)?.object
        }
    };
    match ask.filter(|_| confirmed) {
        Some(ask) => submit(asked, caller, object, ask).await,
        None => {
            let items = Tables::of(&app.store).cart(object).await?;
            Ok(forms::cart(&items, &selected, *lang).into())
        }
    }
}

/// `cartorder.create.confirm`
pub(super) async fn confirm(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    caller.as_client()?;
    let items = params.ids("elid")?;
    let first = items.first().copied().unwrap_or_default();
    let object = own(asked, caller, Numbered::Item, first, "elid").await?;
    if !request::confirmed(params)? {
        let ways = Tables::of(&app.store).ways(object).await?;
        let further = known::further(&Function::Confirm, params);
        let has = |name| ways.methods.values().any(|method| method.parameters.contains_key(name));
        if let Some(name) = further.keys().find(|name| !has(*name)) {
            let ru = format!("Ни у одного метода оплаты нет параметра {name}");
            let en = format!("No payment method has a parameter {name}");
            return Err(Fault::value(name, ru, en).into());
        }
        return Ok(forms::confirm(params, &ways, *lang).into());
    }
    submit(asked, caller, object, Ask::Confirm(request::confirm(params)?)).await
}

/// `payment.setpaid`
pub(super) async fn set_paid(asked: &Asked<'_>, caller: &Caller) -> Result<Reply, Problem> {
    let Asked { app, params, lang, .. } = asked;
    caller.as_administrator()?;
    let id = params.required_id("elid")?;
    let object = own(asked, caller, Numbered::Payment, id, "elid").await?;
    if !request::confirmed(params)? {
        let filter = PaymentFilter { id: Some(id), most: 1, ..PaymentFilter::default() };
        let listed = Tables::of(&app.store).payments(filter).await?;
        return Ok(forms::set_paid(id, &listed, *lang).into());
    }
    submit(asked, caller, object, Ask::SetPaid(id)).await
}

/// The account of something; what is another client's is as good as none.
pub(super) async fn own(
    asked: &Asked<'_>,
    caller: &Caller,
    kind: Numbered,
    number: i64,
    object: &str,
) -> Result<ObjectId, Problem> {
    let account = Tables::of(&asked.app.store).account_of(kind, number).await?;
    let account =
        account.filter(|account| caller.client().is_none_or(|client| client == account.user));
    let account = account.ok_or_else(|| {
        let (ru, en) = match kind {
            Numbered::Item => ("Позиции", "line item"),
            Numbered::Order => ("Заказа", "order"),
            Numbered::Payment => ("Платежа", "payment"),
        };
        let ru = format!("{ru} {number} нет");
        Fault::absent(object, ru, format!("There is no {en} {number}"))
    })?;
    Ok(account.object)
}

/// Registers what is asked for as a task, and waits for its answer.
pub(super) async fn submit(
    asked: &Asked<'_>,
    caller: &Caller,
    object: ObjectId,
    ask: Ask,
) -> Result<Reply, Problem> {
    let key = idempotency_key(asked.headers).map_err(|problem| {
        let (ru, en) = ("Заголовок Idempotency-Key неверен", problem.message);
        Fault::value("Idempotency-Key", ru, en)
    })?;
    let salt = caller.aggregator.salt;
    let name = Name {
        named: key.is_some(),
        guid: key.map_or_else(TaskGuid::new, |key| TaskGuid::derived(salt, &key)),
        digest: asked.params.digest(),
    };
    let guid = name.guid;
    let answered = carry_out(asked.app, &caller.aggregator, object, name, &ask).await?;
    match answered {
        // Counted, and shown, as other errors are.
        Answered::Refused(fault) => Err(Problem::from(fault).with_guid(guid)),
        done => Ok(Reply { elements: answer::elements(&done, asked.lang), guid: Some(guid) }),
    }
}

/// What a task is called, and what was sent under that name.
pub(super) struct Name {
    pub(super) guid: TaskGuid,
    /// Whether the caller chose it.
    pub(super) named: bool,
    pub(super) digest: RequestDigest,
}

/// Registers a task and waits for its answer.
pub(super) async fn carry_out(
    app: &App,
    caller: &Aggregator,
    object: ObjectId,
    name: Name,
    ask: &Ask,
) -> Result<Answered, Problem> {
    let Name { guid, named, digest } = name;
    let request = serde_json::to_string(ask).map_err(|error| {
        let en = format!("The request cannot be kept: {error}");
        Fault::value("parameters", "Запрос нельзя сохранить", en)
    })?;
    let task_type = task_type(ask);
    // Without a subject: an account's changes follow one another, and several may be in work.
    let key = (TaskKey { object, guid }, named);
    let task = NewTask::of_request(key, caller.id, task_type, request, digest);
    let registered = app.intake.accept(task).await.map_err(|e| Problem::lost(app, e, guid))?;
    let accepted = match registered {
        Registration::Accepted(accepted) | Registration::Repeated(accepted) => accepted,
        Registration::Different => {
            let ru = "Этот Idempotency-Key уже был с другим запросом".to_owned();
            let en = "This Idempotency-Key came with another request before".to_owned();
            let fault = Fault::new(FaultKind::Exists, "Idempotency-Key", ru, en);
            return Err(Problem::from(fault).with_guid(guid));
        }
        Registration::Used(outcome) => {
            let ru = "Этот Idempotency-Key уже использован, а ответ на тот запрос больше не хранится: \
                      сделанное остаётся в силе, этот запрос не принят";
            let en = used("This Idempotency-Key", outcome);
            let fault = Fault::new(FaultKind::Exists, "Idempotency-Key", ru.to_owned(), en);
            return Err(Problem::from(fault).with_guid(guid));
        }
        Registration::NoLicence
        | Registration::GuidTaken
        | Registration::Denied
        | Registration::TooFar
        | Registration::Busy => {
            let unavailable = "the task could not be given a guid";
            return Err(crate::web::problem::Problem::unavailable(unavailable).into());
        }
    };
    tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
    let text = accept::wait(app, caller, guid, accepted).await;
    let text = text.ok_or_else(|| Problem::unanswered(guid))?;
    serde_json::from_str(&text).map_err(|_| Problem::unanswered(guid))
}
