//! ActivePlatform.

use reqwest::Method;
use wsa::domain::task::ObjectId;
use wsa::protocols::activeplatform::reads::Read;

use super::callers::{Caller, Kind, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use crate::activeplatform::bridge::{
    ACCOUNT, CASH_METHOD, CHILD, EXAMPLE, GRANDCHILD, MEDIA, SIBLING, TOP, assert_books_agree,
    path, put, send, waiting,
};
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::shown::shown;

/// The resellers; the last is none.
const RESELLERS: [ObjectId; 5] = [TOP, CHILD, SIBLING, GRANDCHILD, ObjectId(999_999)];
/// Each reseller has a payment with this number and this document.
const PAYMENT: &str = "700700";
/// A payment that no reseller has.
const NONE: &str = "700701";

struct Bridge<'a> {
    app: &'a TestApp,
    payment: &'static str,
}

impl Door for Bridge<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::Manager
    }

    fn objects(&self) -> Vec<ObjectId> {
        RESELLERS.to_vec()
    }

    fn tasks(&self) -> Vec<Task> {
        let reads = Read::ALL.iter().map(|read| Task { name: read.path(), writes: false });
        let writes = ["PATCH", "POST"].map(|name| Task { name, writes: true });
        reads.chain(writes).collect()
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let request = match task.writes {
            true => self.app.request(task.name.parse().unwrap(), &path(object, self.payment)),
            // Of every list and entry: a method and an account are there, a correction is not.
            false => {
                let at = task.name.replace("{reseller_id}", &object.to_string());
                let at = at.replace("{payment_id}", self.payment);
                let at = at.replace("{account_id}", &ACCOUNT.to_string());
                let at = at.replace("{payment_method_id}", &CASH_METHOD.to_string());
                self.app.request(Method::GET, &at.replace("{correction_id}", "1"))
            }
        };
        let request =
            request.header("Content-Type", MEDIA).body(if task.writes { EXAMPLE } else { "" });
        let request = match caller.kind {
            Kind::Nobody => request,
            _ => request.header("X-Api-Token", &caller.token),
        };
        let answer = send(request).await;
        let verdict = match answer.status.as_u16() {
            401 => Verdict::Unknown,
            403 => Verdict::Forbidden,
            404 if answer.text.contains("Reseller not found.") => Verdict::Hidden,
            _ => Verdict::Served,
        };
        if verdict != Verdict::Served {
            assert_eq!(answer.header("x-task-guid"), None);
        }
        Answer { verdict, text: format!("{} {}", answer.status.as_u16(), shown(&answer.text)) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_reaches_what_is_below_it_and_a_payment_elsewhere_is_none() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    for reseller in &RESELLERS[..4] {
        let payment = waiting(*reseller, PAYMENT.parse().unwrap(), PAYMENT);
        put(app.store(), &payment).await;
    }
    let counts = hold(&Bridge { app: &app, payment: PAYMENT }, &callers).await;
    let tasks = Read::ALL.len() + 2;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * tasks * RESELLERS.len());
    assert!(counts["Forbidden"] > 0);
    // Whether there is such a payment changes nothing for who may not ask.
    hold(&Bridge { app: &app, payment: NONE }, &callers).await;
    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_hidden_and_one_that_is_not_there_are_refused_alike() {
    let app = TestApp::embedded().await;
    let callers = seed(app.store()).await;
    put(app.store(), &waiting(SIBLING, PAYMENT.parse().unwrap(), PAYMENT)).await;
    let below = callers.iter().find(|caller| caller.reaches == [CHILD, GRANDCHILD]).unwrap();
    for task in (Bridge { app: &app, payment: PAYMENT }).tasks() {
        for reseller in [SIBLING, CHILD] {
            let there = Bridge { app: &app, payment: PAYMENT }.knock(below, reseller, task).await;
            let not = Bridge { app: &app, payment: NONE }.knock(below, reseller, task).await;
            assert_eq!(there.text, not.text, "{} at {reseller}", task.name);
        }
    }
    app.finish().await;
}
