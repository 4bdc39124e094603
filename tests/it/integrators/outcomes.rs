//! Each outcome of a task, as the client tells it.

use wsa::engine::store::journal::Act;
use wsa::surface::conduct;
use wsa_client::{Amount, Answered, AskError, Client, Key, Look, SubmitError, Task};

use super::{client, nobody, pay};
use crate::support::app::TestApp;
use crate::support::reference::{OTHER_TOKEN, UNLICENSED, V1, V2};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_made_once_under_its_key() {
    let app = TestApp::embedded().await;
    let client = client(&app);
    let order = app.order(V2, "449.35").await;
    let (task, key) = (pay(V2, order, "449.35"), Key::random());

    let done = client.perform(&task, &key).await.unwrap().done().unwrap();
    let price = done.price().unwrap();
    assert_eq!(
        (price.total, price.due),
        (amount("449.35").decimal(), Some("0.00".parse().unwrap()))
    );

    // Again, as after a crash: the same task, with its answer.
    let again = client.perform(&task, &key).await.unwrap().done().unwrap();
    assert_eq!((again.task, again.raw()), (done.task, done.raw()));
    // Another payment is refused, and a refusal is no success.
    let Answered::Refused(why) = client.perform(&task, &Key::random()).await.unwrap() else {
        panic!()
    };
    assert_eq!(why.code, "WsaOrderClosed");
    // The key of one payment cannot be that of another.
    let other = pay(V2, order, "1.00");
    let Err(SubmitError::Rejected(why)) = client.perform(&other, &key).await else { panic!() };
    assert_eq!(why.code, "IdempotencyMismatch");
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_every_kind_are_submitted_and_waited_for() {
    let app = TestApp::embedded().await;
    let client = client(&app);
    let order = app.order(V1, "10.00").await;
    let (object, guid) = (V1.0, order.0);
    let tasks = [
        Task::add_prepay_order(object, guid, amount("4")),
        Task::remove_prepay_order(object, guid),
        Task::add_prepay_order(object, guid, amount("10")),
        Task::complete_order(object, guid),
        Task::get_order(object, guid),
        Task::new("GetOrderState", object).with("orderGuid", guid.to_string()),
    ];
    for task in tasks {
        let accepted = client.submit(&task, &Key::random()).await.unwrap();
        let answered = client.wait(accepted.task).await.unwrap();
        let done = answered.done().unwrap_or_else(|why| panic!("{}: {why}", task.task_type()));
        assert_eq!((done.task, done.task_type.as_str()), (accepted.task, task.task_type()));
        let looked = client.look_up(accepted.task).await.unwrap();
        let Look::Answered(looked) = looked else { panic!() };
        assert_eq!(looked.raw(), done.raw());
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_is_told_as_what_it_is() {
    let app = TestApp::embedded().await;
    let client = client(&app);
    let order = app.order(V2, "10.00").await;
    let (actor, _) = conduct::now();
    let act = Act { action: "object.pause".into(), ..Act::default() };
    assert!(app.store().pause(V2, &actor, act).await.unwrap());

    let task = pay(V2, order, "10.00");
    let timed_out = client.perform(&task.clone().timeout_s(1), &Key::random()).await.unwrap();
    assert!(matches!(timed_out, Answered::TimedOut(_)), "{timed_out:?}");

    let open = client.submit(&task.timeout_s(2), &Key::random()).await.unwrap().task;
    assert!(matches!(client.look_up(open).await.unwrap(), Look::InProgress { .. }));
    assert!(matches!(client.wait(open).await.unwrap(), Answered::TimedOut(_)));

    // A task of a time of its own, which never comes.
    let later = Task::get_order(V1.0, app.order(V1, "1.00").await.0);
    let later = later.not_before(
        jiff::Timestamp::now()
            .saturating_add(jiff::SignedDuration::from_hours(1))
            .unwrap()
            .to_string(),
    );
    let later = client.submit(&later, &Key::random()).await.unwrap().task;
    let cancel = Task::cancel_task(V1.0, later);
    assert!(client.perform(&cancel, &Key::random()).await.unwrap().is_done());
    assert!(matches!(client.wait(later).await.unwrap(), Answered::Cancelled(_)));
    app.finish().await.assert_untouched(order);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_accept_or_to_tell_is_no_outcome() {
    let app = TestApp::embedded().await;
    let known = client(&app);
    let order = app.order(V2, "10.00").await;
    let rejected =
        async |client: &Client, task: &Task| match client.perform(task, &Key::random()).await {
            Err(SubmitError::Rejected(why)) => why.code,
            other => panic!("{other:?}"),
        };
    let stranger = Client::new(&app.url, "nobody").unwrap();
    assert_eq!(rejected(&stranger, &pay(V2, order, "10.00")).await, "AuthFailed");
    assert_eq!(rejected(&known, &pay(UNLICENSED, order, "10.00")).await, "License");
    assert_eq!(rejected(&known, &Task::new("PayOrder", V2.0)).await, "BadRequest");

    let accepted = known.submit(&pay(V2, order, "10.00"), &Key::random()).await.unwrap();
    known.wait(accepted.task).await.unwrap();
    let other = Client::new(&app.url, OTHER_TOKEN).unwrap();
    let Err(AskError::Rejected(why)) = other.wait(accepted.task).await else { panic!() };
    assert_eq!(why.code, "AccessDenied");
    let missing = known.look_up(nobody()).await;
    assert!(matches!(missing, Err(AskError::TaskNotFound(_))), "{missing:?}");

    // After retention.
    let (key, task) = (Key::random(), Task::get_order(V2.0, order.0));
    let old = known.submit(&task, &key).await.unwrap().task;
    known.wait(old).await.unwrap();
    while app.store().forget(0, 100).await.unwrap() > 0 {}
    let expired = known.wait(old).await;
    assert!(matches!(expired, Err(AskError::AnswerExpired(_))), "{expired:?}");
    let expired = known.submit(&task, &key).await;
    assert!(matches!(expired, Err(SubmitError::AnswerExpired(_))), "{expired:?}");
    app.finish_forgotten().await;
}
